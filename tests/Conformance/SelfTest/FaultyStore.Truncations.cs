namespace Granary.Tests.Conformance.SelfTest;

internal sealed partial class FaultyStore
{
    public ValueTask<bool> TruncateAsync(Truncation truncation, CancellationToken cancellationToken)
    {
        var (stream, before, position) = truncation;
        ArgumentOutOfRangeException.ThrowIfLessThan(before.Value, 1, nameof(truncation));
        if (position.Partition != this.PartitionOf(stream))
            throw new ArgumentException("The position is in another partition.", nameof(truncation));
        cancellationToken.ThrowIfCancellationRequested();
        lock (data.Lock)
        {
            var generation = Generation(stream);
            if (!generation.Any(one => one.Version == before && one.Position == position))
                return ValueTask.FromResult(false);
            var log = LogOf(stream, data.Log);
            foreach (var gone in Live(stream).Where(one => one.Version < before))
            {
                log[log.IndexOf(gone)] = Tombstone(gone);
                Cleared.Add(gone);
            }

            data.Snapshots.RemoveAll(one => one.Stream == stream && one.Version < before);
            return ValueTask.FromResult(true);
        }
    }

    public ValueTask<StreamPage> ReadStreamsAsync(
        string? category, StreamName? after, int limit, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        cancellationToken.ThrowIfCancellationRequested();
        lock (data.Lock)
        {
            var names = data.Log.SelectMany(static log => log).Select(static one => one.Stream).Distinct().ToList();
            if (after is { } last && !names.Contains(last)) throw new ArgumentException($"There is no stream {last}.");
            var found = names.Where(one => category is null || one.Category == category)
                .Order(Comparer<StreamName>.Create(static (one, other) => CompareNames(one, other)))
                .SkipWhile(one => after is { } first && CompareNames(one, first) <= 0).ToList();
            return ValueTask.FromResult(found.Count <= limit
                ? new StreamPage(found, null)
                : new StreamPage(found[..limit], found[limit - 1]));
        }
    }

    private static int CompareNames(StreamName one, StreamName other) =>
        string.CompareOrdinal(one.ToString(), other.ToString());

    // The events since the last clearing, those that were removed included.
    private List<RecordedEvent> Generation(StreamName stream) =>
        Of(stream, data.Log).Reverse().TakeWhile(static one => one.Version > StreamVersion.Zero).Reverse().ToList();

    private DateTimeOffset? CreatedOf(StreamName stream, List<RecordedEvent> events) =>
        Generation(stream).FirstOrDefault()?.Timestamp ?? events[0].Timestamp;

    private static StreamVersion FirstOf(List<RecordedEvent> events) => events[0].Version;

    private static void ThrowIfRemoved(StreamName stream, long after, List<RecordedEvent> live)
    {
        if (live.Count > 0 && after + 1 < live[0].Version.Value && live[0].Version.Value > 1)
            throw new StreamTruncatedException(stream, new(Math.Max(0, after) + 1), live[0].Version);
    }
}
