namespace Granary.Cli;

/// <summary>
/// Appends what an export has written. Events keep their ids, times and metadata; what is there already, known by the
/// id of its append, is not appended again.
/// </summary>
/// <param name="store">The store.</param>
/// <param name="time">The clock.</param>
internal sealed class StoreImport(OpenedStore store, TimeProvider time)
{
    // An append among the last of its stream is found by the store itself; others are looked for in the log.
    private const int ScannedStreamsMax = 64;

    private const long Unknown = -1;

    private readonly TargetHeads _heads = new(store, isEmpty: false);
    private readonly Dictionary<StreamName, HashSet<AppendId>> _scanned = [];

    /// <summary>How many events were appended, clearings included.</summary>
    public long Imported { get; private set; }

    /// <summary>How many were there already.</summary>
    public long Found { get; private set; }

    /// <summary>Imports lines.</summary>
    /// <exception cref="CommandException">A stream has other events; the message has the line.</exception>
    public async Task RunAsync(Stream input, CancellationToken cancellationToken)
    {
        var (appends, open, line) = (new List<LinedAppend>(), new List<RecordedEvent>(), 0L);
        var (events, bytes) = (0, 0L);
        await foreach (var (number, _, one) in LineReader.ReadAsync(input, isCut: null, cancellationToken))
        {
            if (open.Count > 0 && (open[^1].AppendId != one.AppendId || open[^1].Stream != one.Stream
                || one.Version.Value != open[^1].Version.Value + 1))
            {
                appends.Add(new(line, new(open)));
                (open, line) = ([], number);
                if (events >= CopyRound.EventsMax || bytes >= CopyRound.BytesMax)
                {
                    await CommitAsync(appends, cancellationToken);
                    appends.Clear();
                    (events, bytes) = (0, 0);
                }
            }

            if (open.Count == 0) line = number;
            open.Add(one);
            events++;
            bytes += one.Payload.Length + one.Metadata.Utf8.Length;
        }

        if (open.Count > 0) appends.Add(new(line, new(open)));
        await CommitAsync(appends, cancellationToken);
    }

    private async Task CommitAsync(List<LinedAppend> appends, CancellationToken cancellationToken)
    {
        var streams = appends.Select(static one => one.Append.First.Stream).ToHashSet();
        await _heads.LoadAsync(streams, cancellationToken);
        foreach (var group in appends.GroupBy(one => store.Events.PartitionOf(one.Append.First.Stream)))
        {
            var planned = new List<(LinedAppend Line, Append Append)>();
            foreach (var one in group)
            {
                if (await PlanAsync(one, cancellationToken) is { } append) planned.Add((one, append));
            }

            var batch = new AppendBatch(
                group.Key, time.GetUtcNow(), [.. planned.Select(static one => one.Append)]);
            await store.Events.CommitAsync(batch, cancellationToken);
            for (var at = 0; at < planned.Count; at++)
                await NoteAsync(planned[at].Line, batch.Results[at], cancellationToken);
        }
    }

    // Null where it is there already.
    private async ValueTask<Append?> PlanAsync(LinedAppend one, CancellationToken cancellationToken)
    {
        var (stream, first) = (one.Append.First.Stream, one.Append.First.Version.Value);
        var head = _heads[stream];
        var (version, position) = (head.Version, head.Position);
        var isNext = one.Append.Clears ? version > 0 : first == version + 1;

        // A stream that was cleared is at the same versions once more. What is not later than its last event may be
        // from before that: only the log shows it then.
        var mayBeOld = position > 0 && !head.IsOwn
            && (head.Updated is not { } updated || one.Append.First.Timestamp <= updated);
        if (isNext && mayBeOld && await IsInLogAsync(one, cancellationToken)) return Skip(one);
        if (isNext)
        {
            // Where this batch appends to a stream, the position is known when it is committed.
            _heads[stream] = new(one.Append.Clears ? 0 : one.Append.Last.Version.Value, Unknown) { IsOwn = true };
            return ToAppend(one, position == Unknown
                ? ExpectedVersion.Exactly(new(version))
                : ExpectedVersion.Exactly(new(version), new(position)));
        }

        if (one.Append.Clears) return Skip(one);
        if (first <= version) return ToAppend(one, ExpectedVersion.Exactly(new(first - 1)));
        if (await IsInLogAsync(one, cancellationToken)) return Skip(one);
        throw LineReader.Wrong(one.Line,
            $"Stream {stream} is at version {version} in {store.Name}, and this is version {first}. Import what comes "
            + "before it first.");
    }

    private static Append ToAppend(LinedAppend one, ExpectedVersion expected)
    {
        try
        {
            return one.Append.ToAppend(expected);
        }
        catch (Exception fault) when (fault is ArgumentException or LimitExceededException)
        {
            throw LineReader.Wrong(one.Line, fault.Message);
        }
    }

    private async ValueTask NoteAsync(LinedAppend one, AppendResult result, CancellationToken cancellationToken)
    {
        var stream = one.Append.First.Stream;
        switch (result.Outcome)
        {
            case AppendOutcome.Appended:
                if (_heads[stream].Version == result.Version.Value)
                    _heads[stream] = new(result.Version.Value, result.Position.Position.Value) { IsOwn = true };
                Imported += one.Append.Events.Count;
                break;
            case AppendOutcome.AlreadyAppended:
                Found += one.Append.Events.Count;
                break;
            default:
                if (!await IsInLogAsync(one, cancellationToken))
                    throw LineReader.Wrong(one.Line,
                        $"Stream {stream} is at version {result.Version} in {store.Name}, and has another event of "
                        + $"version {one.Append.First.Version}. Import into an empty store, or one that has no such "
                        + "stream.");
                Found += one.Append.Events.Count;
                break;
        }
    }

    private Append? Skip(LinedAppend one)
    {
        Found += one.Append.Events.Count;
        return null;
    }

    private async ValueTask<bool> IsInLogAsync(LinedAppend one, CancellationToken cancellationToken)
    {
        var stream = one.Append.First.Stream;
        if (!_scanned.TryGetValue(stream, out var ids))
        {
            if (_scanned.Count >= ScannedStreamsMax) _scanned.Clear();
            _scanned[stream] = ids = await ScanAsync(stream, cancellationToken);
        }

        return ids.Contains(one.Append.First.AppendId);
    }

    private async Task<HashSet<AppendId>> ScanAsync(StreamName stream, CancellationToken cancellationToken)
    {
        var ids = new HashSet<AppendId>();
        var filter = new LogFilter { Categories = new HashSet<string> { stream.Category } };
        for (var after = LogPosition.StartOf(store.Events.PartitionOf(stream)); ;)
        {
            var page = await store.Events.ReadLogAsync(after, filter, GranaryLimits.PageSizeMax, cancellationToken);
            foreach (var one in page.Events)
            {
                if (one.Stream == stream) ids.Add(one.AppendId);
            }

            if (!page.More) return ids;
            after = after with { Position = page.Through };
        }
    }

    private sealed record LinedAppend(long Line, CopiedAppend Append);
}
