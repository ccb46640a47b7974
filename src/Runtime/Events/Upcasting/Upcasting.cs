using System.Collections.Frozen;

namespace Granary.Runtime;

/// <summary>Runs the registered upcasters over stored events.</summary>
internal sealed class Upcasting
{
    private readonly FrozenDictionary<(string Type, int SchemaVersion), IUpcaster> _upcasters;

    /// <summary>Collects the upcasters.</summary>
    /// <exception cref="InvalidOperationException">Two take the same.</exception>
    public Upcasting(IEnumerable<IUpcaster> upcasters)
    {
        var found = new Dictionary<(string, int), IUpcaster>();
        foreach (var upcaster in upcasters)
        {
            var key = (upcaster.EventType, upcaster.SchemaVersion);
            if (!found.TryAdd(key, upcaster))
                throw new InvalidOperationException(
                    $"Two upcasters take event type {upcaster.EventType}, schema {upcaster.SchemaVersion}: "
                    + $"{found[key].GetType()} and {upcaster.GetType()}. Remove one of them.");
        }

        _upcasters = found.ToFrozenDictionary();
        Identity = string.Join(';', found
            .Select(static one => $"{one.Key.Item1}#{one.Key.Item2}:{FoldFingerprint.NameOf(one.Value.GetType())}")
            .Order(StringComparer.Ordinal));
    }

    /// <summary>Names all upcasters and their versions.</summary>
    public string Identity { get; }

    /// <summary>Whether an upcaster takes such events.</summary>
    public bool Handles(string type, int schemaVersion) => _upcasters.ContainsKey((type, schemaVersion));

    /// <summary>The upcaster of such events, or null.</summary>
    public IUpcaster? Find(string type, int schemaVersion) => _upcasters.GetValueOrDefault((type, schemaVersion));

    /// <summary>The current events that replace the stored one, in order.</summary>
    /// <exception cref="ReplayFailedException">Its payload cannot be read, or an upcaster failed.</exception>
    public List<UpcastResult> Run(RecordedEvent recorded, JsonFormat json, OrleansFormat orleans)
    {
        try
        {
            return new UpcastRun(this, recorded, json, orleans).Run();
        }
        catch (Exception fault)
        {
            throw new ReplayFailedException(recorded, $"Its upcaster failed: {fault.Message}", fault);
        }
    }
}
