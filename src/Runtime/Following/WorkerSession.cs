namespace Granary.Runtime;

/// <summary>
/// One ownership of a reader's partition: takes the checkpoint over, and then reads pages of the log, has them handled,
/// and waits at the end for more.
/// </summary>
internal sealed class WorkerSession(
    WorkerDefinition definition,
    LogPartition partition,
    WorkerServices services,
    WorkerProgress progress,
    WorkerSteering steering)
{
    /// <summary>
    /// How old what a worker knows of what is asked of its reader is at most: that it is notified may be lost.
    /// </summary>
    public static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan PollDelay = TimeSpan.FromMilliseconds(100);

    private readonly WorkerCheckpoint _checkpoint = new(definition, partition, services);
    private readonly ParkedStreams _parked = new(services.Models, definition.Name, partition);
    private readonly ILogHandler _handler = definition.CreateHandler!(partition);
    private readonly LogRecheck _recheck = new(services.Time);
    private ReaderOrders? _orders;
    private ReaderSetting _setting = new();

    /// <summary>Runs until the reader is paused, or is no more.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        foreach (var table in definition.Tables) await services.Models.CreateTableAsync(table, cancellationToken);
        if (definition.PrepareAsync is { } prepareAsync) await prepareAsync(partition, cancellationToken);
        await _checkpoint.TakeOverAsync([], cancellationToken);
        if (definition.TakenOverAsync is { } takenOverAsync) await takenOverAsync(cancellationToken);
        progress.Begin(_checkpoint.Position);
        var runner = new BatchRunner(
            definition, partition, _handler, _checkpoint, _parked, progress, services);
        var reader = new BatchReader(definition, partition, services.Store);
        var gathering = new Gathering(progress, services.Time);
        steering.Signal();
        while (await SteerAsync(cancellationToken))
        {
            var at = new LogPosition(partition, _checkpoint.Position);
            var page = await reader.ReadAsync(at.Position, cancellationToken);
            if (page.End < at.Position)
                throw new LogReplacedException(definition.Name, at, $"The log ends at {page.End}.");
            var through = _setting.UntilOf(partition) is { } until && until < page.Through ? until : page.Through;
            _recheck.OnRead(found: through > at.Position);
            if (through <= at.Position)
            {
                progress.SetState(ReaderState.Live);
                if (!await WaitForMoreAsync(at, cancellationToken)) return;
                continue;
            }

            if (page.More) progress.SetState(ReaderState.CatchingUp);
            var id = await FindIdAsync(page, through, cancellationToken);
            IReadOnlyList<RecordedEvent> events =
                [.. page.Events.Where(one => one.Position.Position <= through && !_parked.Contains(one.Stream))];
            await runner.RunAsync(events, through, id, cancellationToken);
            if (definition.Gathers && !page.More) await gathering.WaitAsync(events.Count, cancellationToken);
        }
    }

    private async ValueTask<Guid> FindIdAsync(LogPage page, GlobalPosition through, CancellationToken cancellationToken)
    {
        var last = page.Events.LastOrDefault(one => one.Position.Position <= through);
        return last?.Position.Position == through
            ? last.Id
            : await _checkpoint.ReadEventIdAsync(through, cancellationToken);
    }

    // Whether the session goes on: what was asked is read when it is signalled, and from time to time.
    private async ValueTask<bool> SteerAsync(CancellationToken cancellationToken)
    {
        var asked = steering.TryTake();
        if (!asked && _orders is { } known && services.Time.GetElapsedTime(known.ReadAt) < WaitMax) return true;
        _orders = await services.Watch.ReadAsync(asked ? TimeSpan.Zero : WaitMax, cancellationToken);
        _setting = _orders.SettingOf(definition.Name);
        if (_setting.Paused || !_orders.Exists(definition)) return false;

        // Only its owner parks streams: where it knows of none there are none, and nothing is asked of any.
        if (!asked && _parked.Count == 0) return true;
        await _parked.LoadAsync(cancellationToken);
        var replay = new ParkedReplay(definition, partition, _handler, _checkpoint, progress, services);
        var requested = _parked.Requested.ToList();
        foreach (var row in requested) await replay.RunAsync(row, cancellationToken);
        if (requested.Count > 0) await _parked.LoadAsync(cancellationToken);
        progress.SetParked(_parked.Count);
        return true;
    }

    // Until the log is to be read again. Whether the session goes on: what is asked is read meanwhile.
    private async ValueTask<bool> WaitForMoreAsync(LogPosition at, CancellationToken cancellationToken)
    {
        try
        {
            while (!_recheck.IsDue)
            {
                var until = _setting.UntilOf(partition);
                var bounded = until <= at.Position;
                progress.SetAtEnd(!bounded && services.Tail is not null);
                if (await WaitAsync(at, bounded, cancellationToken)) return true;
                if (!await SteerAsync(cancellationToken)) return false;
                if (_setting.UntilOf(partition) != until) return true;
            }

            return true;
        }
        finally
        {
            progress.SetAtEnd(false);
        }
    }

    // Whether the log may have grown; false where something is asked, or what is known of that is old.
    private async ValueTask<bool> WaitAsync(LogPosition at, bool bounded, CancellationToken cancellationToken)
    {
        using var enough = new CancellationTokenSource(services.LeftUntilOld(_orders!), services.Time);
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(enough.Token, cancellationToken);
        var grown = bounded
            ? Task.Delay(Timeout.InfiniteTimeSpan, services.Time, ends.Token)
            : services.Tail?.WaitAsync(at, ends.Token).AsTask()
            ?? Task.Delay(PollDelay, services.Time, ends.Token);
        var asked = steering.WaitAsync(ends.Token);
        var first = await Task.WhenAny(grown, asked);
        await ends.CancelAsync();
        await Task.WhenAll(grown, asked).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
        if (first.IsFaulted) await first;
        return grown.IsCompletedSuccessfully;
    }
}
