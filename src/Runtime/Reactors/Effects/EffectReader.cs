namespace Granary.Runtime;

/// <summary>A reader of the log that has effects, and what its handlers share.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Effects">Its effects.</param>
/// <param name="Options">How it tries.</param>
internal sealed record EffectReader(string Name, IEffects Effects, ReactorOptions Options)
{
    /// <summary>Few enough that little is held up by a stream that fails.</summary>
    private const int BatchEventsMax = 200;

    /// <summary>Which events it is handed.</summary>
    public LogFilter Filter { get; init; } = LogFilter.All;

    /// <summary>Describes it to the silo.</summary>
    public WorkerDefinition Define(EffectServices services) => new()
    {
        Name = Name,
        Kind = ReaderKind.Reactor,
        Filter = Filter,
        Tables = [EffectTables.Effects],
        StartsAtEnd = !Options.FromBeginning,
        Durable = true,
        BatchEventsMax = BatchEventsMax,
        // The handler tries itself, each stream for itself.
        TriesMax = 1,
        CreateHandler = _ => new EffectHandler(this, services),
    };
}
