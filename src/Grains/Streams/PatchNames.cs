using System.Runtime.CompilerServices;

namespace Granary.Grains;

/// <summary>The names of one object of a patch, of which none may come twice.</summary>
internal struct PatchNames
{
    private Few _few;
    private int _count;
    private HashSet<string>? _all;

    /// <exception cref="ArgumentException">The name came before.</exception>
    public void Add(string name)
    {
        if (!TryAdd(name)) throw new ArgumentException($"An object has the property '{name}' twice.", nameof(name));
    }

    private bool TryAdd(string name)
    {
        if (_all is not null) return _all.Add(name);
        var few = ((ReadOnlySpan<string>)_few)[.._count];
        if (few.Contains(name)) return false;
        if (_count < Few.Size) _few[_count++] = name;
        else _all = [.. few, name];
        return true;
    }

    [InlineArray(Size)]
    private struct Few
    {
        public const int Size = 8;

        private string _first;
    }
}
