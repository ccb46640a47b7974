using System.Text.Json;

namespace Granary.Grains;

/// <summary>The members of an object, in the order in which they were last set.</summary>
internal sealed class JsonMembers
{
    // Up to so many are compared one by one. More are found by an index.
    private const int ComparedMax = 16;

    // A member that is removed leaves a gap, where there is an index: to move all that follow it takes time.
    private readonly List<Member> _members = [];

    private Dictionary<string, int>? _index;

    /// <summary>The name that is read, as the member's own text where there is one.</summary>
    /// <exception cref="InvalidOperationException">It is not text.</exception>
    public string NameOf(ref Utf8JsonReader reader)
    {
        if (_index is not null) return reader.GetString()!;
        foreach (var member in _members)
        {
            if (reader.ValueTextEquals(member.Name)) return member.Name!;
        }

        return reader.GetString()!;
    }

    /// <summary>Removes a member, and gives what it was; null in JSON where there was none.</summary>
    public JsonPart Remove(string name)
    {
        var at = Find(name);
        if (at < 0) return default;
        var part = _members[at].Part;
        if (_index is null)
        {
            _members.RemoveAt(at);
            return part;
        }

        _members[at] = default;
        _index.Remove(name);
        if (_members.Count > 2 * (_index.Count + ComparedMax)) CloseGaps(_index);
        return part;
    }

    /// <summary>Adds a member at the end.</summary>
    /// <exception cref="ArgumentException">There is one of that name.</exception>
    public void Add(string name, JsonPart part)
    {
        if (Find(name) >= 0) throw new ArgumentException($"An object has the property '{name}' twice.", nameof(name));
        _members.Add(new Member(name, part));
        if (_index is not null) _index.Add(name, _members.Count - 1);
        else if (_members.Count > ComparedMax) CloseGaps(_index = new(StringComparer.Ordinal));
    }

    public void WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        foreach (var (name, part) in _members)
        {
            if (name is null) continue;
            writer.WritePropertyName(name);
            part.WriteTo(writer);
        }

        writer.WriteEndObject();
    }

    private int Find(string name)
    {
        if (_index is not null) return _index.GetValueOrDefault(name, -1);
        for (var at = 0; at < _members.Count; at++)
        {
            if (_members[at].Name == name) return at;
        }

        return -1;
    }

    // At least half are gaps when it runs again, so a removal takes the same time whatever the number of members.
    private void CloseGaps(Dictionary<string, int> index)
    {
        _members.RemoveAll(static one => one.Name is null);
        for (var at = 0; at < _members.Count; at++) index[_members[at].Name!] = at;
    }

    // Without a name it is a gap.
    private readonly record struct Member(string? Name, JsonPart Part);
}
