namespace Granary.Cli;

/// <summary>
/// Reads partitions of the source as one sequence: merged by recorded time, each partition in its own order. So every
/// stream keeps its order, whatever partition it is in.
/// </summary>
/// <param name="source">The source.</param>
/// <param name="after">Where each partition begins.</param>
internal sealed class CopyFeed(OpenedStore source, IEnumerable<LogPosition> after)
{
    private readonly PartitionFeed[] _feeds =
        [.. after.Select(one => new PartitionFeed(source, one.Partition.Value, one.Position.Value))];

    private readonly Dictionary<int, LogPosition> _taken = [];

    /// <summary>The next appends; null where the source ends.</summary>
    public async ValueTask<CopyRound?> NextAsync(CancellationToken cancellationToken)
    {
        foreach (var feed in _feeds) feed.Refresh();
        var (appends, events, bytes) = (new List<CopiedAppend>(), 0, 0L);
        while (await EarliestAsync(cancellationToken) is { } feed)
        {
            var append = (await feed.PeekAsync(cancellationToken))!;
            if (appends.Count > 0
                && (events + append.Events.Count > CopyRound.EventsMax || bytes + append.Size > CopyRound.BytesMax))
                break;
            appends.Add(feed.Take());
            events += append.Events.Count;
            bytes += append.Size;
            _taken[feed.Partition] = append.Last.Position;
        }

        if (appends.Count == 0) return null;
        var round = new CopyRound(appends, [.. _taken.Values]);
        _taken.Clear();
        return round;
    }

    /// <summary>Waits until the source has grown.</summary>
    public async ValueTask WaitAsync(CancellationToken cancellationToken)
    {
        using var others = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var waits = _feeds.Select(feed => source.Tail.WaitAsync(feed.Through, others.Token).AsTask()).ToArray();
        await Task.WhenAny(waits);
        await others.CancelAsync();
        foreach (Task wait in waits) await wait.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
    }

    private async ValueTask<PartitionFeed?> EarliestAsync(CancellationToken cancellationToken)
    {
        if (_feeds.Length == 1)
            return await _feeds[0].PeekAsync(cancellationToken) is null ? null : _feeds[0];
        PartitionFeed? earliest = null;
        var time = DateTimeOffset.MaxValue;
        foreach (var feed in _feeds)
        {
            if (await feed.PeekAsync(cancellationToken) is not { } append || append.First.Timestamp >= time) continue;
            (earliest, time) = (feed, append.First.Timestamp);
        }

        return earliest;
    }
}
