using Orleans.Concurrency;
using Orleans.Placement;

namespace Granary.Runtime;

/// <summary>
/// Owns the worker of a reader in one partition: starts it, and waits for its end when it is deactivated.
/// </summary>
[RandomPlacement, Reentrant]
internal sealed class ReaderGrain(
    FollowingServices services, ReaderReports reports, ILocalSiloDetails silo, IServiceProvider provider)
    : Grain, IReaderGrain, IDeliveryGrain
{
    private static readonly TimeSpan WaitMax = TimeSpan.FromMinutes(1);

    private readonly CancellationTokenSource _stopping = new();
    private string _name = "";
    private LogPartition _partition;
    private ReaderKind _kind;
    private LogWorker? _worker;
    private Task _running = Task.CompletedTask;

    /// <inheritdoc />
    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        if (!ReaderKeys.TryParse(this.GetPrimaryKeyString(), out _name, out _partition))
            throw new ReaderUnknownException(this.GetPrimaryKeyString());
        var registry = provider.GetService(typeof(WorkerRegistry)) as WorkerRegistry;
        var definition = await registry!.FindAsync(_name, cancellationToken) ?? throw new ReaderUnknownException(_name);
        _kind = definition.Kind;
        _worker = await services.CreateAsync(_name, _partition, cancellationToken)
            ?? throw new ReaderUnknownException(_name);
        Start(_worker);
    }

    /// <inheritdoc />
    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await _running.WaitAsync(cancellationToken).ConfigureAwait(
            ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        reports.Remove(_name, _partition);
    }

    /// <inheritdoc />
    public async Task Wake()
    {
        if (_running.IsCompleted) DeactivateOnIdle();
        else if (_worker!.Progress is { IsAtEnd: true } at) reports.Report(Describe(at.Position, null));
        else reports.Report(await GetStatus());
    }

    /// <inheritdoc />
    public Task Steer()
    {
        _worker?.Steer();
        return Task.CompletedTask;
    }

    /// <inheritdoc />
    public async Task<ReaderStatus> GetStatus()
    {
        var position = _worker!.Progress.Position;
        var next = await services.Store.ReadLogAsync(
            new LogPosition(_partition, position), LogFilter.All, 1, _stopping.Token);
        return Describe(position, next);
    }

    // Without what follows in the log it is at the end.
    private ReaderStatus Describe(GlobalPosition position, LogPage? next)
    {
        var progress = _worker!.Progress;
        var first = next?.Events.Count > 0 ? next.Events[0].Timestamp : (DateTimeOffset?)null;
        var lagTime = first is { } since && services.Time.GetUtcNow() - since is { Ticks: > 0 } behind
            ? behind
            : TimeSpan.Zero;
        return new ReaderStatus
        {
            Name = _name,
            Kind = _kind,
            Position = new LogPosition(_partition, position),
            End = next?.End ?? position,
            State = progress.State,
            LagTime = lagTime,
            Rate = progress.Rate,
            LastError = progress.LastError,
            LastErrorAt = progress.LastErrorAt,
            ParkedStreams = progress.Parked,
            Silo = silo.SiloAddress.ToString(),
        };
    }

    /// <inheritdoc />
    public async Task<GlobalPosition> WaitFor(
        GlobalPosition position, TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(timeout, TimeSpan.Zero);
        using var enough = new CancellationTokenSource(timeout < WaitMax ? timeout : WaitMax, services.Time);
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(
            enough.Token, _stopping.Token, cancellationToken);
        try
        {
            await _worker!.Progress.WaitAsync(position, ends.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The answer says how far it is.
        }

        return _worker!.Progress.Position;
    }

    /// <inheritdoc />
    public Task<IReadOnlyList<Delivery>> Next(
        int limit, TimeSpan? lease, TimeSpan? within, CancellationToken cancellationToken = default) =>
        Desk.NextAsync(limit, lease, within, cancellationToken);

    /// <inheritdoc />
    public Task PutBack(IReadOnlyList<LeaseName> leases, CancellationToken cancellationToken = default) =>
        Desk.PutBackAsync(leases, cancellationToken);

    /// <inheritdoc />
    public Task WaitUntilReady(TimeSpan timeout, CancellationToken cancellationToken = default) =>
        Desk.WaitUntilReadyAsync(timeout, cancellationToken);

    /// <inheritdoc />
    public Task<IReadOnlyList<string>> End(
        IReadOnlyList<LeaseName> leases, LeaseRefusal? refusal, CancellationToken cancellationToken = default) =>
        Desk.EndAsync(leases, refusal, cancellationToken);

    /// <inheritdoc />
    public Task Settle(CancellationToken cancellationToken = default) => Desk.SettleAsync(cancellationToken);

    /// <inheritdoc />
    public async Task WaitUntilEnded(TimeSpan timeout)
    {
        await _running.WaitAsync(timeout, services.Time).ConfigureAwait(
            ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        if (_running.IsCompleted) DeactivateOnIdle();
    }

    // The grain of a worker that has ended is left: the next call is answered by a new one.
    private DeliveryDesk Desk
    {
        get
        {
            if (_running.IsCompleted) DeactivateOnIdle();
            return _worker!.Desk ?? throw new SubscriptionUnknownException(_name);
        }
    }

    // Beside the grain's turns: a batch that takes long delays no call. The grain owns it, and waits for its end.
    private void Start(LogWorker worker)
    {
        using (ExecutionContext.SuppressFlow()) _running = Task.Run(RunAsync, CancellationToken.None);

        async Task RunAsync()
        {
            try
            {
                await worker.RunAsync(_stopping.Token);
            }
            catch (WorkerOvertakenException)
            {
                FollowingLog.Overtaken(services.Logger, _name, _partition);
            }
        }
    }
}
