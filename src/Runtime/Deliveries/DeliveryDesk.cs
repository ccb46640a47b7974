using System.Threading.Channels;

namespace Granary.Runtime;

/// <summary>
/// Where the calls of consumers wait for the worker of a partition. It outlives the worker's sessions: a call that
/// comes between two of them waits for the next one.
/// </summary>
internal sealed class DeliveryDesk(
    string subscription, LogPartition partition, WorkerProgress progress, TimeProvider time)
{
    /// <summary>How many calls wait.</summary>
    public const int RequestsMax = 1_000;

    /// <summary>How long a call waits for the worker.</summary>
    public static readonly TimeSpan AnswerMax = TimeSpan.FromSeconds(10);

    private readonly Channel<DeliveryRequest> _requests = Channel.CreateBounded<DeliveryRequest>(
        new BoundedChannelOptions(RequestsMax) { SingleReader = true });

    private readonly Lock _lock = new();
    private TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Asks for events that wait now.</summary>
    /// <param name="limit">How many at most.</param>
    /// <param name="lease">For how long they are leased; null for the time of the subscription.</param>
    /// <param name="within">How long the call waits for the worker; null for <see cref="AnswerMax"/>.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public Task<IReadOnlyList<Delivery>> NextAsync(
        int limit, TimeSpan? lease, TimeSpan? within, CancellationToken cancellationToken) =>
        SendAsync(new NextRequest(limit, lease), within ?? AnswerMax, cancellationToken);

    /// <summary>Ends leases of events that nobody got: that was no try.</summary>
    public Task PutBackAsync(IReadOnlyList<LeaseName> leases, CancellationToken cancellationToken) =>
        SendAsync(new PutBackRequest(leases), AnswerMax, cancellationToken);

    /// <summary>Ends leases.</summary>
    /// <returns>Those that are none any more.</returns>
    public Task<IReadOnlyList<string>> EndAsync(
        IReadOnlyList<LeaseName> leases, LeaseRefusal? refusal, CancellationToken cancellationToken) =>
        SendAsync(new EndRequest(leases, refusal), AnswerMax, cancellationToken);

    /// <summary>
    /// Waits until nothing more comes of the calls before, but of what was asked of the subscription before.
    /// </summary>
    public async Task SettleAsync(CancellationToken cancellationToken)
    {
        try
        {
            await SendAsync(new SettleRequest(), AnswerMax, cancellationToken);
        }
        catch (SubscriptionUnavailableException) when (progress.State == ReaderState.Stopped || IsClosed)
        {
            // It hands out nothing.
        }
    }

    /// <summary>Waits until an event can be handed out, at most for a time.</summary>
    public async Task WaitUntilReadyAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        Task ready;
        lock (_lock) ready = _ready.Task;
        await ready.WaitAsync(timeout, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
    }

    /// <summary>For the worker: whether an event can be handed out.</summary>
    public void SetReady(bool isReady)
    {
        lock (_lock)
        {
            if (isReady) _ready.TrySetResult();
            else if (_ready.Task.IsCompleted) _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    /// <summary>For the worker: the calls that wait, at most so many.</summary>
    public IReadOnlyList<DeliveryRequest> TakeAll(int limit = RequestsMax)
    {
        var all = new List<DeliveryRequest>();
        while (all.Count < limit && _requests.Reader.TryRead(out var one)) all.Add(one);
        return all;
    }

    /// <summary>For the worker: completes when a call waits.</summary>
    public async Task WaitForRequestAsync(CancellationToken cancellationToken) =>
        await _requests.Reader.WaitToReadAsync(cancellationToken);

    /// <summary>The worker has stopped until it is resumed: calls that wait are refused.</summary>
    public void Refuse()
    {
        foreach (var one in TakeAll()) one.Fail(Stopped());
    }

    /// <summary>The worker has ended: calls that wait are refused, and all that come.</summary>
    public void Close()
    {
        _requests.Writer.TryComplete();
        foreach (var one in TakeAll()) one.Fail(Unavailable("Its worker moves to another silo."));
        SetReady(true);
    }

    private bool IsClosed => _requests.Reader.Completion.IsCompleted;

    private async Task<T> SendAsync<T>(
        DeliveryRequest<T> request, TimeSpan within, CancellationToken cancellationToken)
    {
        if (!_requests.Writer.TryWrite(request))
            throw Unavailable(
                IsClosed
                    ? "Its worker moves to another silo."
                    : $"{RequestsMax} calls wait already.");
        try
        {
            // Looked at once the call waits: what waits when the worker stops is refused by the worker.
            if (progress.State == ReaderState.Stopped) throw Stopped();
            return await request.Answer.WaitAsync(within, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            throw Unavailable("Its worker did not answer in time.");
        }
        finally
        {
            // What nobody waits for is not handed out.
            request.Abandon();
        }
    }

    private SubscriptionUnavailableException Stopped() => Unavailable(
        "Its worker has stopped; its status has the error. Resume it once the cause is corrected.");

    private SubscriptionUnavailableException Unavailable(string reason) => new(subscription, partition, reason);
}
