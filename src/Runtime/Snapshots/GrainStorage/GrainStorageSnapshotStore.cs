using Microsoft.Extensions.Logging;

namespace Granary.Runtime;

/// <summary>
/// Snapshots in a grain storage of Orleans. The one that takes the place of the removed events of a truncated stream is
/// no shortcut but the truth: the event store keeps it, in the transaction that removes them.
/// </summary>
/// <param name="events">The event store.</param>
/// <param name="own">The snapshots that the event store keeps.</param>
/// <param name="records">The others.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Receives what could not be read.</param>
internal sealed class GrainStorageSnapshotStore(
    IEventStore events, ISnapshotStore own, SnapshotRecords records, TimeProvider time, ILogger logger)
    : ISnapshotStore
{
    /// <inheritdoc />
    public async ValueTask WriteSnapshotAsync(Snapshot snapshot, CancellationToken cancellationToken)
    {
        var (stream, version, position) = (snapshot.Stream, snapshot.Version.Value, snapshot.Position.Position.Value);
        var isBase = false;
        await records.UpdateAsync(
            stream,
            async (record, token) =>
            {
                isBase = false;
                if (record.IsBeingRemoved(position, time.GetUtcNow())) return false;
                var found = await StreamBounds.FindAsync(events, stream, version, token);
                var stored = StoredSnapshot.Of(snapshot, found?.Position == snapshot.Position ? found.Id : null);
                var bounds = await StreamBounds.ReadAsync(events, stream, token);
                if (!bounds.Allow(stored, record.ClearedBefore)) return false;
                if (version == bounds.Base)
                {
                    isBase = record.Find(version) is null;
                    return false;
                }

                // What a process without this storage has cleared goes here.
                record.Snapshots.RemoveAll(one => one.EventId is not null && one.Position < bounds.First);
                record.Add(stored);
                return true;
            },
            cancellationToken);
        if (isBase) await own.WriteSnapshotAsync(snapshot, cancellationToken);
    }

    /// <inheritdoc />
    public async ValueTask<Snapshot?> ReadSnapshotAsync(
        StreamName stream, StreamVersion atMost, DateTimeOffset? notAfter, CancellationToken cancellationToken)
    {
        var reading = TryReadAsync(stream, cancellationToken);
        var readingOwn = own.ReadSnapshotAsync(stream, atMost, notAfter, cancellationToken).AsTask();
        await Task.WhenAll(reading, readingOwn);
        var (record, kept) = (await reading, await readingOwn);
        for (var at = (record?.Snapshots.Count ?? 0) - 1; at >= 0; at--)
        {
            var one = record!.Snapshots[at];
            if (one.Version > atMost.Value || one.UtcTicks > (notAfter ?? DateTimeOffset.MaxValue).UtcTicks) continue;
            if (one.Version <= kept?.Version.Value) break;
            if (await IsOfThisLogAsync(stream, one, cancellationToken))
                return one.ToSnapshot(stream, events.PartitionOf(stream));
        }

        return kept;
    }

    // A log that was restored from a backup may have gone on otherwise than before: at the same version and position
    // there may be another event.
    private async ValueTask<bool> IsOfThisLogAsync(
        StreamName stream, StoredSnapshot snapshot, CancellationToken cancellationToken) =>
        snapshot.EventId is null
        || (await StreamBounds.FindAsync(events, stream, snapshot.Version, cancellationToken))?.Id == snapshot.EventId;

    // Without it more events are replayed, and a truncated stream is read from what the event store keeps.
    private async Task<SnapshotRecord?> TryReadAsync(StreamName stream, CancellationToken cancellationToken)
    {
        try
        {
            return await records.ReadAsync(stream, cancellationToken);
        }
        catch (StoreUnavailableException fault)
        {
            logger.RecordNotRead(fault, stream);
            return null;
        }
    }
}
