namespace Granary.Runtime;

/// <summary>Runs a reader in a partition: one session after the other, until it is cancelled or overtaken.</summary>
internal sealed class LogWorker
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan RetryDelayMax = TimeSpan.FromSeconds(30);

    private readonly WorkerDefinition _definition;
    private readonly LogPartition _partition;
    private readonly WorkerServices _services;
    private readonly WorkerSteering _steering = new();

    public LogWorker(WorkerDefinition definition, LogPartition partition, WorkerServices services)
    {
        (_definition, _partition, _services) = (definition, partition, services);
        Progress = new WorkerProgress(services.Time);
        if (definition.Deliveries is not null)
            Desk = new DeliveryDesk(definition.Name, partition, Progress, services.Time);
    }

    public WorkerProgress Progress { get; }

    /// <summary>Where consumers outside the silos call; null where a handler handles the events.</summary>
    public DeliveryDesk? Desk { get; }

    /// <summary>Something was asked of the reader.</summary>
    public void Steer() => _steering.Signal();

    /// <summary>Works until it is cancelled, or the reader is no more.</summary>
    /// <exception cref="WorkerOvertakenException">Another worker has taken over.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await RunSessionsAsync(cancellationToken);
        }
        finally
        {
            Desk?.Close();
        }
    }

    private async Task RunSessionsAsync(CancellationToken cancellationToken)
    {
        for (var delay = RetryDelay; !cancellationToken.IsCancellationRequested;)
        {
            try
            {
                if (!await WaitWhilePausedAsync(cancellationToken)) return;
                await RunSessionAsync(cancellationToken);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (StoreUnavailableException fault)
            {
                // The store may be back at any time: the reader tries for as long as it exists, less and less often.
                FollowingLog.StoreUnavailable(_services.Logger, fault, _definition.Name, _partition);

                // One that has worked since the last failure begins with short delays again.
                if (Progress.State != ReaderState.Starting) delay = RetryDelay;
                Progress.SetError(fault);
                Progress.SetState(ReaderState.Starting);
                await DelayAsync(delay, cancellationToken);
                delay = delay * 2 < RetryDelayMax ? delay * 2 : RetryDelayMax;
            }
            catch (Exception fault) when (fault is not WorkerOvertakenException)
            {
                await StopUntilResumedAsync(fault, cancellationToken);
            }
        }
    }

    // A subscription runs while it is paused: its consumers' answers are taken.
    private Task RunSessionAsync(CancellationToken cancellationToken) => Desk is { } desk
        ? new DeliverySession(_definition, _partition, _services, Progress, _steering, desk)
            .RunAsync(cancellationToken)
        : new WorkerSession(_definition, _partition, _services, Progress, _steering)
            .RunAsync(cancellationToken);

    private async Task StopUntilResumedAsync(Exception fault, CancellationToken cancellationToken)
    {
        FollowingLog.Stopped(_services.Logger, fault, _definition.Name, _partition);

        // Before it is seen that it has stopped: what is asked from then on resumes it.
        _steering.TryTake();
        Progress.SetError(fault);
        Progress.SetState(ReaderState.Stopped);
        Desk?.Refuse();

        // It is looked from time to time whether there still is the reader: that it was deleted may have been said
        // before it stopped.
        while (!cancellationToken.IsCancellationRequested
            && !await WaitForSteeringAsync(WorkerSession.WaitMax, cancellationToken)
            && await MayExistAsync(cancellationToken))
        {
        }

        Progress.ClearError();
        Progress.SetState(ReaderState.Starting);
    }

    private async ValueTask<bool> MayExistAsync(CancellationToken cancellationToken)
    {
        try
        {
            return (await _services.Watch.ReadAsync(WorkerSession.WaitMax, cancellationToken)).Exists(_definition);
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            FollowingLog.StoreUnavailable(_services.Logger, fault, _definition.Name, _partition);
            return true;
        }
    }

    // Whether there still is the reader. What was asked before this call is seen by it, and later by what it reads once
    // it is notified, or what it knows is old.
    private async ValueTask<bool> WaitWhilePausedAsync(CancellationToken cancellationToken)
    {
        for (var ageMax = TimeSpan.Zero; ;)
        {
            if (_steering.TryTake()) ageMax = TimeSpan.Zero;
            var orders = await _services.Watch.ReadAsync(ageMax, cancellationToken);
            if (!orders.Exists(_definition)) return false;
            if (Desk is not null) return true;
            if (!orders.SettingOf(_definition.Name).Paused)
            {
                if (Progress.State == ReaderState.Paused) Progress.ClearError();
                return true;
            }

            Progress.SetState(ReaderState.Paused);
            await WaitForSteeringAsync(_services.LeftUntilOld(orders), cancellationToken);
            cancellationToken.ThrowIfCancellationRequested();
            ageMax = WorkerSession.WaitMax;
        }
    }

    private async Task DelayAsync(TimeSpan delay, CancellationToken cancellationToken)
    {
        _steering.TryTake();
        await WaitForSteeringAsync(delay, cancellationToken);
    }

    // Whether something was asked of the reader in that time.
    private async Task<bool> WaitForSteeringAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var enough = new CancellationTokenSource(timeout, _services.Time);
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(enough.Token, cancellationToken);
        var asked = _steering.WaitAsync(ends.Token);
        await asked.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return asked.IsCompletedSuccessfully;
    }
}
