namespace Granary.Cli;

/// <summary>
/// Copies what is kept beside the log: of each stream the newest snapshot, and where it was truncated all of them, as
/// the events before are gone, and then the truncation.
/// </summary>
internal sealed class SnapshotCopy(CopyJob job)
{
    /// <summary>How many snapshots were copied.</summary>
    public long Snapshots { get; private set; }

    /// <summary>How many streams were truncated in the target.</summary>
    public long Truncations { get; private set; }

    /// <summary>Copies those of all streams.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await foreach (var stream in job.Source.NamesAsync(null, cancellationToken))
        {
            cancellationToken.ThrowIfCancellationRequested();
            await CopyAsync(stream, cancellationToken);
        }
    }

    private async Task CopyAsync(StreamName stream, CancellationToken cancellationToken)
    {
        var there = await job.Source.Events.ReadHeadAsync(stream, cancellationToken);
        if (there.Version == StreamVersion.Zero) return;
        var isTruncated = there.First.Value > 1;
        StreamHead? here = null;
        for (var atMost = there.Version; atMost > StreamVersion.Zero;)
        {
            if (await job.Source.Snapshots.ReadSnapshotAsync(stream, atMost, null, cancellationToken)
                is not { } snapshot) break;
            here ??= await job.Target.Events.ReadHeadAsync(stream, cancellationToken);
            var isCopied = await WriteAsync(snapshot, here, cancellationToken);
            if (isCopied && !isTruncated) return;
            atMost = new(snapshot.Version.Value - 1);
        }

        if (isTruncated) await TruncateAsync(there, cancellationToken);
    }

    // False where the target does not have the events yet.
    private async Task<bool> WriteAsync(Snapshot snapshot, StreamHead here, CancellationToken cancellationToken)
    {
        if (snapshot.Version > here.Version) return false;
        if (await FindAsync(snapshot.Stream, snapshot.Version, snapshot.Position, cancellationToken)
            is not { } position) return false;
        await job.Target.Snapshots.WriteSnapshotAsync(At(snapshot, position), cancellationToken);
        Snapshots++;
        return true;
    }

    private async Task TruncateAsync(StreamHead there, CancellationToken cancellationToken)
    {
        if (await ReadAsync(job.Source, there.Stream, there.First, cancellationToken) is not { } first
            || await FindAsync(there.Stream, there.First, first.Position, cancellationToken) is not { } position)
            return;
        var snapshot = await job.Source.Snapshots.ReadSnapshotAsync(
            there.Stream, there.First, null, cancellationToken);
        var kept = snapshot?.Version == there.First ? At(snapshot, position) : null;
        if (await job.Target.Events.TruncateAsync(new(there.Stream, there.First, position, kept), cancellationToken))
            Truncations++;
    }

    private static Snapshot At(Snapshot snapshot, LogPosition position) => new()
    {
        Stream = snapshot.Stream,
        Version = snapshot.Version,
        Position = position,
        Timestamp = snapshot.Timestamp,
        Fingerprint = snapshot.Fingerprint,
        Checksum = snapshot.Checksum,
        Payload = snapshot.Payload,
    };

    // Where the target has the event that is at a position of the source; null where it does not have it.
    private async Task<LogPosition?> FindAsync(
        StreamName stream, StreamVersion version, LogPosition position, CancellationToken cancellationToken)
    {
        if (await ReadAsync(job.Target, stream, version, cancellationToken) is not { } here) return null;
        var there = await job.Source.ReadAtAsync(
            position.Partition.Value, position.Position.Value, cancellationToken);
        return there is not null && there.Id == here.Id && there.Version == version ? here.Position : null;
    }

    private static async Task<RecordedEvent?> ReadAsync(
        OpenedStore store, StreamName stream, StreamVersion version, CancellationToken cancellationToken)
    {
        try
        {
            var page = await store.Events.ReadStreamForwardAsync(
                stream, new(version.Value - 1), 1, cancellationToken);
            return page.Events is [var found] ? found : null;
        }
        catch (StreamTruncatedException)
        {
            return null;
        }
    }
}
