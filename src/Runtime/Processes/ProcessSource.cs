using Orleans.Metadata;

namespace Granary.Runtime;

/// <summary>The process managers of a silo, as readers of the log.</summary>
internal sealed class ProcessSource(
    IEnumerable<ProcessRegistration> registrations,
    GrainTypeResolver types,
    ProcessEvents events,
    IGrainFactory grains) : IWorkerSource
{
    private readonly Lazy<IReadOnlyList<WorkerDefinition>> _definitions = new(() =>
    [
        .. registrations.Select(one => new ProcessReader(
            one.Name, one.Process, types.GetGrainType(one.Process), one.Feeds).Define(events, grains)),
    ]);

    /// <inheritdoc />
    public ValueTask<IReadOnlyList<WorkerDefinition>> ReadAsync(CancellationToken cancellationToken) =>
        ValueTask.FromResult(_definitions.Value);
}

/// <summary>A process manager that was registered.</summary>
internal sealed record ProcessRegistration(string Name, Type Process, ProcessFeeds Feeds);
