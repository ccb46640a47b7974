using Orleans.Storage;

namespace Granary.Runtime;

/// <summary>Where grains had their events before, and how these are read: what one registration names.</summary>
/// <param name="storage">The name of the grain storage.</param>
internal abstract class AdoptionRule(string storage)
{
    /// <summary>The name of the grain storage.</summary>
    public string Storage => storage;

    /// <summary>
    /// Which grains it is for: two rules with one target contradict each other. Null for all that no other rule is for.
    /// </summary>
    public abstract Type? Target { get; }

    /// <summary>The call that registers it, for errors.</summary>
    public abstract string Registration { get; }

    /// <summary>The full name that the grain class had then; null where it has the same now.</summary>
    public string? FormerClassName { get; init; }

    /// <summary>Whether it is for the grains of a class.</summary>
    public abstract bool IsFor(Type grainClass, Type view);

    /// <summary>Reads what a grain has in the storage.</summary>
    /// <exception cref="InvalidDataException">The record is not one of the provider that the rule names.</exception>
    public abstract Task<OldLog<TEntry>> ReadAsync<TView, TEntry>(IGrainStorage from, string className, GrainId grain)
        where TView : class, new()
        where TEntry : class;
}

/// <summary>What a grain has in the grain storage of Orleans' own provider.</summary>
/// <param name="Events">The events, in order; none where there is no record.</param>
/// <param name="ETag">The record's version, as the storage names it.</param>
internal readonly record struct OldLog<TEntry>(IReadOnlyList<TEntry> Events, string? ETag)
    where TEntry : class
{
    /// <summary>How many events it has.</summary>
    public int Count => Events.Count;
}
