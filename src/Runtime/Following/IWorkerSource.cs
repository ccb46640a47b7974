namespace Granary.Runtime;

/// <summary>Readers of the log, of one kind. Register it as a singleton of this type.</summary>
internal interface IWorkerSource
{
    /// <summary>The readers as they are now. Called every few seconds, and when a reader is asked for.</summary>
    ValueTask<IReadOnlyList<WorkerDefinition>> ReadAsync(CancellationToken cancellationToken);
}
