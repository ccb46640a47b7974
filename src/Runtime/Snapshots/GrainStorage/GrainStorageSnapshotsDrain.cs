namespace Granary.Runtime;

/// <summary>
/// Writes the queued snapshots before the grain storages are closed: those of Orleans begin and end with the
/// applications' services.
/// </summary>
internal sealed class GrainStorageSnapshotsDrain(SnapshotWriter writer) : ILifecycleParticipant<ISiloLifecycle>
{
    /// <inheritdoc />
    public void Participate(ISiloLifecycle lifecycle) => lifecycle.Subscribe(
        nameof(GrainStorageSnapshotsDrain),
        ServiceLifecycleStage.ApplicationServices + 1,
        static _ => Task.CompletedTask,
        writer.DrainAsync);
}
