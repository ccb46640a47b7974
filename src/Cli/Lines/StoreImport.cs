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
    private readonly ImportedTruncations _truncations = new(store);
    private readonly Dictionary<StreamName, HashSet<(AppendId Append, Guid Event)>> _scanned = [];

    /// <summary>How many events were appended, clearings included.</summary>
    public long Imported { get; private set; }

    /// <summary>How many were there already.</summary>
    public long Found { get; private set; }

    /// <summary>How many of those that were appended got a later time than they had.</summary>
    public long Later { get; private set; }

    /// <summary>Imports lines.</summary>
    /// <exception cref="CommandException">
    /// A stream has other events, or a line is no event; the message has the line. What comes before it is imported.
    /// </exception>
    public async Task RunAsync(Stream input, CancellationToken cancellationToken)
    {
        var (appends, open, line) = (new List<LinedAppend>(), new List<RecordedEvent>(), 0L);
        var (events, bytes) = (0, 0L);
        try
        {
            await foreach (var (number, _, one) in LineReader.ReadAsync(input, isCut: null, cancellationToken))
            {
                if (open.Count > 0 && (open[^1].AppendId != one.AppendId || open[^1].Stream != one.Stream
                    || one.Version.Value != open[^1].Version.Value + 1))
                {
                    appends.Add(new(line, new(open)));
                    open = [];
                    if (events >= CopyRound.EventsMax || bytes >= CopyRound.BytesMax)
                    {
                        var full = appends;
                        (appends, events, bytes) = ([], 0, 0);
                        await CommitAsync(full, cancellationToken);
                    }
                }

                if (open.Count == 0) line = number;
                open.Add(one);
                events++;
                bytes += one.Payload.Length + one.Metadata.Utf8.Length;
            }
        }
        catch (CommandException)
        {
            // The append that is open may go on in the line that cannot be read.
            await CommitAsync(appends, cancellationToken);
            throw;
        }

        if (open.Count > 0) appends.Add(new(line, new(open)));
        await CommitAsync(appends, cancellationToken);
    }

    private async Task CommitAsync(List<LinedAppend> appends, CancellationToken cancellationToken)
    {
        var streams = appends.Select(static one => one.Append.First.Stream).ToHashSet();
        await _heads.LoadAsync(streams, cancellationToken);
        var refused = new SortedList<long, CommandException>();
        foreach (var group in appends.GroupBy(one => store.Events.PartitionOf(one.Append.First.Stream)))
            await CommitAsync(group.Key, group, refused, cancellationToken);
        if (refused.Count > 0) throw refused.Values[0];
    }

    // Appends that are refused hinder none of those before them, in this partition and in others.
    private async Task CommitAsync(
        LogPartition partition, IEnumerable<LinedAppend> appends, SortedList<long, CommandException> refused,
        CancellationToken cancellationToken)
    {
        var planned = new List<(LinedAppend Line, Append Append)>();
        foreach (var one in appends)
        {
            try
            {
                var head = _heads[one.Append.First.Stream];
                one.IsFirst = !head.IsOwn && one.Append.First.Version.Value > 1;
                if (await PlanAsync(one, cancellationToken) is { } append) planned.Add((one, append));
                else await _truncations.NoteAsync(one.Append, one.IsFirst, cancellationToken);
            }
            catch (CommandException fault)
            {
                refused.Add(one.Line, fault);
                break;
            }
        }

        var batch = new AppendBatch(partition, time.GetUtcNow(), [.. planned.Select(static one => one.Append)]);
        await store.Events.CommitAsync(batch, cancellationToken);
        for (var at = 0; at < planned.Count; at++)
        {
            try
            {
                await NoteAsync(planned[at].Line, batch.Results[at], cancellationToken);
                await _truncations.NoteAsync(
                    planned[at].Line.Append, planned[at].Line.IsFirst, cancellationToken);
            }
            catch (CommandException fault)
            {
                refused.Add(planned[at].Line.Line, fault);
            }
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

        // What is later than a clearing is not what it cleared.
        if (isNext && one.Append.Clears && !head.IsOwn && head.Updated > one.Append.First.Timestamp)
            throw LineReader.Wrong(one.Line,
                $"Stream {stream} has events in {store.Name} that are later than this clearing of it. Import into an "
                + "empty store, or one that has no such stream.");
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
                if (result.Timestamp > one.Append.Last.Timestamp) Later += one.Append.Events.Count;
                break;
            case AppendOutcome.AlreadyAppended:
                if (result.Version < one.Append.Last.Version) throw InPart(one);
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

        var (first, last) = (one.Append.First, one.Append.Last);
        if (ids.Contains((last.AppendId, last.Id))) return true;
        return ids.Contains((first.AppendId, first.Id)) ? throw InPart(one) : false;
    }

    // An id is appended once: what is missing cannot be added, and must not pass for what is there.
    private CommandException InPart(LinedAppend one) => LineReader.Wrong(one.Line,
        $"{store.Name} has append {one.Append.First.AppendId} of {one.Append.First.Stream} in part, without "
        + $"version {one.Append.Last.Version}: what was imported before was cut within it. Import into an empty store, "
        + "or one that has no such stream.");

    private async Task<HashSet<(AppendId Append, Guid Event)>> ScanAsync(
        StreamName stream, CancellationToken cancellationToken)
    {
        var ids = new HashSet<(AppendId Append, Guid Event)>();
        var filter = new LogFilter { Categories = new HashSet<string> { stream.Category } };
        for (var after = LogPosition.StartOf(store.Events.PartitionOf(stream)); ;)
        {
            var page = await store.Events.ReadLogAsync(after, filter, GranaryLimits.PageSizeMax, cancellationToken);
            foreach (var one in page.Events)
            {
                if (one.Stream == stream) ids.Add((one.AppendId, one.Id));
            }

            if (!page.More) return ids;
            after = after with { Position = page.Through };
        }
    }

    private sealed record LinedAppend(long Line, CopiedAppend Append)
    {
        /// <summary>Whether it is the first of its stream in this import, and not of the stream itself.</summary>
        public bool IsFirst { get; set; }
    }
}
