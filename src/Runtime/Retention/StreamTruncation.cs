using System.Runtime.CompilerServices;
using Microsoft.Extensions.Options;

namespace Granary.Runtime;

/// <summary>
/// Truncates the stream of a grain. A snapshot of the state at the first event that stays is folded and decoded before,
/// and kept in the transaction that removes the others: nothing else leads to the state from then on.
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
        IJournal journal, StreamVersion before, TruncateOptions how, CancellationToken cancellationToken)
    {
        var stream = journal.Stream;
        var head = await store.ReadHeadAsync(stream, cancellationToken);
        if (before == StreamVersion.Zero || before > head.Version)
            throw new ArgumentOutOfRangeException(
                nameof(before), $"Stream {stream} has no version {before}; it is at version {head.Version}.");
        try
        {
            return await TruncateAsync(journal, head, before, how, cancellationToken);
        }
        catch (StreamTruncatedException)
        {
            // Another truncation was faster, and goes further.
            head = await store.ReadHeadAsync(stream, cancellationToken);
            return new TruncateAnswer(head.First);
        }
    }

    private async Task<TruncateAnswer> TruncateAsync(
        IJournal journal, StreamHead head, StreamVersion before, TruncateOptions how,
        CancellationToken cancellationToken)
    {
        if (before <= head.First) return new TruncateAnswer(head.First);
        await ThrowIfClearedSinceAsync(how.Seen, cancellationToken);
        var (first, heldBackBy) = await LimitAsync(head, before, cancellationToken);
        if (first <= head.First) return new TruncateAnswer(head.First, heldBackBy);

        // What is after the end that was seen is of the stream's next generation.
        var stays = await ReadAsync(head.Stream, first, cancellationToken);
        if (stays.Position.Position > head.Position.Position) throw Cleared(head.Stream);
        await ThrowIfOfOthersAsync(journal, cancellationToken);
        var snapshot = await FoldAsync(journal, stays, cancellationToken);
        if (PathOf(head.Stream, how) is { Length: > 0 } path)
        {
            var removed = Removed(head, stays, cancellationToken);
            await archive.WriteAsync(path, head.First, stays, removed, cancellationToken);

            // That may have taken long: a reader may have come meanwhile.
            var (again, by) = await LimitAsync(head, first, cancellationToken);
            if (again < first) return new TruncateAnswer(head.First, by);
        }

        var truncation = new Truncation(head.Stream, first, stays.Position, snapshot);
        if (!await store.TruncateAsync(truncation, cancellationToken)) throw Cleared(head.Stream);
        scrubber.Request();
        return new TruncateAnswer(first, heldBackBy);
    }

    private async Task ThrowIfClearedSinceAsync(StreamHead? seen, CancellationToken cancellationToken)
    {
        if (seen is null || seen.Version == StreamVersion.Zero) return;
        var last = await store.ReadStreamForwardAsync(
            seen.Stream, new(seen.Version.Value - 1), 1, cancellationToken);
        if (last.Events is not [var found] || found.Position != seen.Position) throw Cleared(seen.Stream);
    }

    // How far readers of the log allow it, and who does not allow it further.
    private async Task<(StreamVersion First, string? HeldBackBy)> LimitAsync(
        StreamHead head, StreamVersion wanted, CancellationToken cancellationToken)
    {
        if (await readers.FindFurthestBehindAsync(head.Stream, head.Position.Partition, cancellationToken)
            is not { } behind) return (wanted, null);

        // The first version that it has not passed. Later versions have later positions.
        var (low, high) = (head.First.Value, wanted.Value);
        while (low < high)
        {
            var middle = low + (high - low) / 2;
            var recorded = await ReadAsync(head.Stream, new(middle), cancellationToken);
            if (recorded.Position.Position > behind.Position) high = middle;
            else low = middle + 1;
        }

        return (new(low), low < wanted.Value ? behind.Name : null);
    }

    private async Task<RecordedEvent> ReadAsync(
        StreamName stream, StreamVersion version, CancellationToken cancellationToken)
    {
        var page = await store.ReadStreamForwardAsync(stream, new(version.Value - 1), 1, cancellationToken);
        return page.Events is [var found] ? found : throw Cleared(stream);
    }

    // While the silos of an aggregate are away, its streams look like streams of JSON events. The state that those
    // would fold is not the aggregate's.
    private async Task ThrowIfOfOthersAsync(IJournal journal, CancellationToken cancellationToken)
    {
        var newest = await snapshots.ReadSnapshotAsync(
            journal.Stream, new(long.MaxValue), null, cancellationToken);
        if (newest is null || journal.IsOwn(newest)) return;
        throw new StreamNotTruncatedException(
            journal.Stream, "its snapshot was written by grains of another type. Start a silo that has them.");
    }

    private static async Task<Snapshot> FoldAsync(
        IJournal journal, RecordedEvent stays, CancellationToken cancellationToken)
    {
        var taken = await journal.TakeSnapshotAtAsync(stays.Version, cancellationToken);
        if (taken?.Position != stays.Position || journal.DecodeSnapshot(taken) is null)
            throw new StreamNotTruncatedException(
                stays.Stream, "no snapshot can be taken of its state, and the events would be needed to build it. The "
                + "log says why no snapshots are taken of the state's type.");
        return taken;
    }

    // A rule on another silo may have no archive here, or none at all: then that of this silo counts.
    private string? PathOf(StreamName stream, TruncateOptions how) => how.ArchivePath is { Length: > 0 } path
        ? path
        : options.Value.Rules.GetValueOrDefault(stream.Category)?.ArchivePath;

    private async IAsyncEnumerable<RecordedEvent> Removed(
        StreamHead head, RecordedEvent stays, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var next = head.First.Value;
        await foreach (var recorded in store.ReadStreamAsync(head.Stream, new(next - 1), cancellationToken))
        {
            if (recorded.Version >= stays.Version) break;
            if (recorded.Position.Position > stays.Position.Position) throw Cleared(head.Stream);
            next++;
            yield return recorded;
        }

        if (next != stays.Version.Value) throw Cleared(head.Stream);
    }

    private static StreamNotTruncatedException Cleared(StreamName stream) =>
        new(stream, "it was cleared meanwhile. Read it, and decide again.");
}
