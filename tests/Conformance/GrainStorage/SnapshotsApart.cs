using Granary.Runtime;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans.Storage;

namespace Granary.Tests.Conformance.GrainStorage;

/// <summary>Makes of an open store one whose snapshots are in a grain storage.</summary>
internal static class SnapshotsApart
{
    public static OpenStore Of(OpenStore opened, string storage) =>
        Of(opened, GrainStorages.Find(storage), TimeProvider.System);

    public static OpenStore Of(OpenStore opened, IGrainStorage storage, TimeProvider time)
    {
        var records = new SnapshotRecords(() => storage, "test", opened.Events, time);
        var removals = new SnapshotRemovals(opened.Events, records, time, NullLogger.Instance);
        return opened with
        {
            Events = new ClosingStore(opened.Events, removals),
            Snapshots = new GrainStorageSnapshotStore(
                opened.Events, opened.Snapshots, records, time, NullLogger.Instance),
        };
    }

    // A test closes the store that it has, and that is this one.
    private sealed class ClosingStore(IEventStore inner, SnapshotRemovals removals)
        : SnapshotRemovingEventStore(inner, removals), IAsyncDisposable
    {
        private readonly IEventStore _inner = inner;

        public ValueTask DisposeAsync() =>
            _inner is IAsyncDisposable disposable ? disposable.DisposeAsync() : ValueTask.CompletedTask;
    }
}
