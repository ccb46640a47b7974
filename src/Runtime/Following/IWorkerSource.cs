namespace Granary.Runtime;

/// <summary>Readers of the log, of one kind. Register it as a singleton of this type.</summary>
internal interface IWorkerSource
{
    /// <summary>The readers as they are now. Called every few seconds, and when a reader is asked for.</summary>
    ValueTask<IReadOnlyList<WorkerDefinition>> ReadAsync(CancellationToken cancellationToken);

    /// <summary>Those of one name.</summary>
    async ValueTask<IReadOnlyList<WorkerDefinition>> FindAsync(string name, CancellationToken cancellationToken) =>
        [.. (await ReadAsync(cancellationToken)).Where(one => one.Name == name)];
}
