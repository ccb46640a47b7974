namespace Granary.Runtime;

/// <summary>
/// One ownership of a durable subscription's partition: takes the checkpoint over, reads ahead of it within bounds, and
/// answers the consumers. What they are answered is stored before, with the checkpoint, so no other owner hands out the
/// same events at the same time.
/// </summary>
internal sealed class DeliverySession
{
    private static readonly TimeSpan PollDelay = TimeSpan.FromMilliseconds(100);

    private readonly WorkerDefinition _definition;
    private readonly LogPartition _partition;
    private readonly WorkerServices _services;
    private readonly WorkerProgress _progress;
    private readonly WorkerSteering _steering;
    private readonly DeliveryDesk _desk;
    private readonly WorkerCheckpoint _checkpoint;
    private readonly ParkedStreams _parked;
    private readonly DeliveryQueue _queue;
    private readonly DeliveryReader _reader;
    private readonly DeliveryOwner _owner;
    private readonly LogRecheck _recheck;
    private readonly List<DeliveryRequest> _requests = [];
    private ReaderOrders? _orders;
    private bool _paused;
    private bool _mayHaveGrown = true;

    public DeliverySession(
        WorkerDefinition definition,
        LogPartition partition,
        WorkerServices services,
        WorkerProgress progress,
        WorkerSteering steering,
        DeliveryDesk desk)
    {
        (_definition, _partition, _services, _progress) = (definition, partition, services, progress);
        (_steering, _desk) = (steering, desk);
        _checkpoint = new WorkerCheckpoint(definition, partition, services);
        _parked = new ParkedStreams(services.Models, definition.Name, partition);
        _queue = new DeliveryQueue(definition, definition.Deliveries!, _parked, services.Time);
        _reader = new DeliveryReader(definition, partition, services, _parked, _queue);
        _owner = new DeliveryOwner(services.Models, definition, partition);
        _recheck = new LogRecheck(services.Time);
    }

    /// <summary>Runs until the subscription is no more.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _owner.LoadAsync(cancellationToken);
            await _checkpoint.TakeOverAsync([_owner.ToPut()], cancellationToken, begins: false);
            _owner.OnCommitted(_checkpoint.Revision);
            _progress.Begin(_checkpoint.Position);
            await _parked.LoadAsync(cancellationToken);
            await _reader.LoadAsync(_checkpoint.Position, cancellationToken);
            _steering.Signal();
            while (await RunRoundAsync(cancellationToken))
            {
            }

            Fail(new SubscriptionUnavailableException(_definition.Name, _partition, "It is no more."));
        }
        catch (Exception fault)
        {
            Fail(fault is GranaryException
                ? fault
                : new SubscriptionUnavailableException(_definition.Name, _partition, "Its worker has ended."));
            throw;
        }
        finally
        {
            _desk.SetReady(false);
        }
    }

    // Whether the session continues.
    private async ValueTask<bool> RunRoundAsync(CancellationToken cancellationToken)
    {
        // Taken before it is read what was asked of the subscription: a call that comes once a pause was answered is
        // answered with nothing.
        _requests.AddRange(_desk.TakeAll(DeliveryDesk.RequestsMax - _requests.Count));
        var hadRequests = _requests.Count > 0;
        if (!await SteerAsync(cancellationToken)) return false;
        var read = !_paused && await ReadAsync(hadRequests, cancellationToken);
        await AnswerAsync(cancellationToken);

        // Of one time: what becomes ready between two looks at the clock would be missed by both.
        var now = _services.Time.GetUtcNow();
        _desk.SetReady(!_paused && _queue.HasReady(now));
        _progress.SetState(
            _paused ? ReaderState.Paused : _reader.IsAtEnd ? ReaderState.Live : ReaderState.CatchingUp);
        if (_reader.IsSearching) await _reader.LoadReplaysAsync(cancellationToken);
        else if (!read && !hadRequests && _queue.Changes.IsEmpty) await WaitAsync(now, cancellationToken);
        return true;
    }

    // Where the log was read to its end, and has not grown in the wait that followed, there is nothing to read.
    private async ValueTask<bool> ReadAsync(bool always, CancellationToken cancellationToken)
    {
        if (!always && !_mayHaveGrown && _reader.IsAtEnd && !_recheck.IsDue) return false;
        var read = await _reader.ReadAsync(cancellationToken);
        _recheck.OnRead(read);
        return read;
    }

    // The calls that wait are answered together: one commit for as many as there are. Those for which no event was read
    // in this round are answered in the next one.
    private async ValueTask AnswerAsync(CancellationToken cancellationToken)
    {
        var (answers, hasLapsed) = (new List<Action>(_requests.Count), false);
        foreach (var one in _requests.OfType<EndRequest>())
        {
            var lapsed = _queue.End(one.Leases, one.Refusal);
            hasLapsed |= lapsed.Count > 0;
            answers.Add(() => one.TryComplete(lapsed));
        }

        foreach (var one in _requests.OfType<PutBackRequest>())
        {
            _queue.PutBack(one.Leases);
            answers.Add(() => one.TryComplete(true));
        }

        foreach (var one in _requests.OfType<SettleRequest>()) answers.Add(() => one.TryComplete(true));
        _queue.Lapse();
        var left = await LeaseAsync(answers, cancellationToken);
        var parkedRowsChange = _queue.Changes.OfParked;

        // That a lease is none any more is known by its owner only.
        await CommitAsync(hasLapsed, cancellationToken);
        foreach (var one in answers) one();
        _requests.Clear();
        _requests.AddRange(left);
        if (parkedRowsChange) await ReloadParkedAsync(cancellationToken);
    }

    // The events of all calls are read together. Returns the calls that are not answered.
    private async ValueTask<IReadOnlyList<DeliveryRequest>> LeaseAsync(
        List<Action> answers, CancellationToken cancellationToken)
    {
        var (calls, left) = (
            _requests.OfType<NextRequest>().Where(static one => !one.IsAbandoned).ToArray(),
            new List<DeliveryRequest>());
        var wanted = _paused ? 0 : (int)Math.Min(calls.Sum(static one => (long)one.Limit), int.MaxValue);
        var found = _queue.FindReady(wanted);
        var bytesMax = Math.Min(DeliveryReader.RoundBytesMax, calls.Length * DeliveryQueue.AnswerBytesMax);
        var (read, whole) = await _reader.ReadAgainAsync(found, bytesMax, cancellationToken);
        var ready = new Queue<DeliveryEntry>(read);
        foreach (var one in calls)
        {
            if (ready.Count == 0 && read.Count < found.Count)
            {
                left.Add(one);
                continue;
            }

            var events = _queue.Lease(ready, whole, one.Limit, one.Lease);
            answers.Add(() =>
            {
                if (!one.TryComplete(events)) _queue.PutBack(LeaseName.Of(events));
            });
        }

        return left;
    }

    private void Fail(Exception fault)
    {
        foreach (var one in _requests) one.Fail(fault);
        _requests.Clear();
    }

    private async ValueTask CommitAsync(bool always, CancellationToken cancellationToken)
    {
        var passed = _queue.PassDone();
        var (to, id) = passed is null
            ? (_checkpoint.Position, _checkpoint.EventId)
            : (passed.Position.Position, passed.Id);
        if (_queue.Window.Count == 0 && _reader.Through > to)
            (to, id) = (_reader.Through, await _reader.ReadThroughIdAsync(_checkpoint, cancellationToken));
        if (!always && _queue.Changes.IsEmpty && to == _checkpoint.Position) return;

        // Where nothing was handed out, a checkpoint that a power failure takes back costs nothing but reading.
        var outcome = await _checkpoint.CommitAsync(
            new HandledEvents { Writes = [_owner.ToPut(), .. _queue.Changes.Build()] }, to, id, cancellationToken,
            isDurable: !_queue.Changes.IsEmpty);
        if (outcome == ModelCommitOutcome.Overtaken) throw new WorkerOvertakenException(_definition.Name, _partition);
        if (outcome != ModelCommitOutcome.Committed)
            throw new StoreUnavailableException(
                "Rows were changed by another worker or caller meanwhile. The subscription reads them again.");
        _queue.Changes.OnCommitted(_checkpoint.Revision);
        _owner.OnCommitted(_checkpoint.Revision);
        _progress.Pass(to);
        foreach (var (entry, cause) in _queue.TakeParkedNow())
        {
            _progress.SetError(cause);
            FollowingLog.Parked(
                _services.Logger, cause, _definition.Name, entry.Stream, entry.Event.Position);
        }

        if (_queue.TakeOverload())
            _progress.SetError(
                new ReaderOverloadedException(_definition.Name, _partition, ParkedStreams.CountMax));
    }

    private async ValueTask ReloadParkedAsync(CancellationToken cancellationToken)
    {
        await _reader.LoadParkedAsync(cancellationToken);
        _progress.SetParked(_parked.Count);
        await _reader.LoadReplaysAsync(cancellationToken);
    }

    // Whether the session continues: what was asked is read when it is signalled, and from time to time. A paused
    // subscription hands out nothing, and takes answers.
    private async ValueTask<bool> SteerAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var asked = _steering.TryTake();
        if (!asked && _orders is { } known && _services.Time.GetElapsedTime(known.ReadAt) < WorkerSession.WaitMax)
            return true;
        _orders = await _services.Watch.ReadAsync(asked ? TimeSpan.Zero : WorkerSession.WaitMax, cancellationToken);
        _paused = _orders.SettingOf(_definition.Name).Paused;
        if (!_orders.Exists(_definition)) return false;

        // Only its owner parks streams: where it knows of none there are none, and nothing is asked of any.
        if (asked || _parked.Count > 0) await ReloadParkedAsync(cancellationToken);
        return true;
    }

    private async Task WaitAsync(DateTimeOffset since, CancellationToken cancellationToken)
    {
        var due = _queue.FindNextDue(since) - _services.Time.GetUtcNow();
        var left = _services.LeftUntilOld(_orders!);
        var timeout = due < left ? due.Value : left;
        if (timeout <= TimeSpan.Zero) return;
        using var enough = new CancellationTokenSource(timeout, _services.Time);
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(enough.Token, cancellationToken);
        var at = new LogPosition(_partition, _reader.Through);
        var hasTail = _services.Tail is not null && !_paused && _queue.Window.Room > 0;
        _progress.SetAtEnd(hasTail && _queue.Window.Count == 0 && _checkpoint.Position == at.Position);
        var grown = _paused || _queue.Window.Room == 0
            ? Task.Delay(Timeout.InfiniteTimeSpan, _services.Time, ends.Token)
            : _services.Tail?.WaitAsync(at, ends.Token).AsTask()
            ?? Task.Delay(PollDelay, _services.Time, ends.Token);
        var asked = _steering.WaitAsync(ends.Token);
        var called = _desk.WaitForRequestAsync(ends.Token);
        var first = await Task.WhenAny(grown, asked, called);
        await ends.CancelAsync();
        await Task.WhenAll(grown, asked, called).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _progress.SetAtEnd(false);
        _mayHaveGrown = !hasTail || grown.IsCompletedSuccessfully;
        cancellationToken.ThrowIfCancellationRequested();
        if (first.IsFaulted) await first;
    }
}
