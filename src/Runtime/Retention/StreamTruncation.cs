using Microsoft.Extensions.Options;

namespace Granary.Runtime;

/// <summary>
/// Truncates the stream of a grain. Nothing is removed before a snapshot of the state at the first event that stays was
/// written and read back: nothing else leads to the state from then on.
/// </summary>
internal sealed class StreamTruncation(
    IEventStore store,
    ISnapshotStore snapshots,
    LogReaders readers,
    IOptions<RetentionOptions> options,
    IEventArchive archive,
    Scrubber scrubber)
{
    /// <summary>Removes the events of the journal's stream before a version, as far as no reader needs them.</summary>
    public async Task<TruncateAnswer> RunAsync(
        IJournal journal, StreamVersion before, CancellationToken cancellationToken)
    {
        var stream = journal.Stream;
        var head = await store.ReadHeadAsync(stream, cancellationToken);
        if (before == StreamVersion.Zero || before > head.Version)
            throw new ArgumentOutOfRangeException(
                nameof(before), $"Stream {stream} has no version {before}; it is at version {head.Version}.");
        if (before <= head.First) return new TruncateAnswer(head.First);

        var behind = await readers.FindFurthestBehindAsync(head.Position.Partition, cancellationToken);
        var first = behind is { } reader
            ? await FirstNotPassedAsync(stream, head.First, before, reader.Position, cancellationToken)
            : before;
        var heldBackBy = first < before ? behind!.Name : null;
        if (first <= head.First) return new TruncateAnswer(head.First, heldBackBy);

        var stays = await ReadAsync(stream, first, cancellationToken);
        await EnsureSnapshotAsync(journal, stays, cancellationToken);
        await ArchiveAsync(head.First, stays, cancellationToken);
        if (!await store.TruncateAsync(new Truncation(stream, first, stays.Position), cancellationToken))
            throw Cleared(stream);
        scrubber.Request();
        return new TruncateAnswer(first, heldBackBy);
    }

    // The first version whose event comes after a position, or the one that was wanted. Later versions have later
    // positions.
    private async Task<StreamVersion> FirstNotPassedAsync(
        StreamName stream, StreamVersion first, StreamVersion wanted, GlobalPosition passed,
        CancellationToken cancellationToken)
    {
        var (low, high) = (first.Value, wanted.Value);
        while (low < high)
        {
            var middle = low + (high - low) / 2;
            var recorded = await ReadAsync(stream, new(middle), cancellationToken);
            if (recorded.Position.Position > passed) high = middle;
            else low = middle + 1;
        }

        return new StreamVersion(low);
    }

    private async Task<RecordedEvent> ReadAsync(
        StreamName stream, StreamVersion version, CancellationToken cancellationToken)
    {
        var page = await store.ReadStreamForwardAsync(stream, new(version.Value - 1), 1, cancellationToken);
        return page.Events is [var found] ? found : throw Cleared(stream);
    }

    private async Task EnsureSnapshotAsync(
        IJournal journal, RecordedEvent stays, CancellationToken cancellationToken)
    {
        if (await HasSnapshotAsync(journal, stays, cancellationToken)) return;
        var taken = await journal.TakeSnapshotAtAsync(stays.Version, cancellationToken);
        if (taken?.Position != stays.Position)
            throw new StreamNotTruncatedException(
                stays.Stream, "no snapshot can be taken of its state, and the events would be needed to build it. The "
                + "log says why no snapshots are taken of the state's type.");
        await snapshots.WriteSnapshotAsync(taken, cancellationToken);
        if (!await HasSnapshotAsync(journal, stays, cancellationToken))
            throw new StreamNotTruncatedException(
                stays.Stream, $"the snapshot of version {stays.Version} was written and is not read back. Look whether "
                + "the snapshot store keeps what it is given.");
    }

    private async Task<bool> HasSnapshotAsync(
        IJournal journal, RecordedEvent stays, CancellationToken cancellationToken)
    {
        var found = await snapshots.ReadSnapshotAsync(stays.Stream, stays.Version, null, cancellationToken);
        return found?.Version == stays.Version && found.Position == stays.Position
            && journal.DecodeSnapshot(found) is not null;
    }

    private async Task ArchiveAsync(
        StreamVersion first, RecordedEvent stays, CancellationToken cancellationToken)
    {
        var rules = options.Value.Rules;
        if (!rules.TryGetValue(stays.Stream.Category, out var rule) || rule.ArchivePath.Length == 0) return;
        var removed = store.ReadStreamAsync(stays.Stream, new(first.Value - 1), cancellationToken)
            .TakeWhile(recorded => recorded.Version < stays.Version);
        await archive.WriteAsync(rule.ArchivePath, first, stays, removed, cancellationToken);
    }

    private static StreamNotTruncatedException Cleared(StreamName stream) =>
        new(stream, "it was cleared meanwhile. Read it, and decide again.");
}
