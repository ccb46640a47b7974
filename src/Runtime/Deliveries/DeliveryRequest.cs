namespace Granary.Runtime;

/// <summary>A call of a consumer, which waits for the worker.</summary>
internal abstract class DeliveryRequest
{
    /// <summary>Whether its caller does not wait for it any more.</summary>
    public abstract bool IsAbandoned { get; }

    /// <summary>Answers with an error.</summary>
    public abstract void Fail(Exception fault);

    /// <summary>The caller does not wait for it any more.</summary>
    public abstract void Abandon();
}

/// <summary>A call that is answered with a value.</summary>
internal abstract class DeliveryRequest<T> : DeliveryRequest
{
    private readonly TaskCompletionSource<T> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<T> Answer => _answer.Task;

    /// <inheritdoc />
    public override bool IsAbandoned => _answer.Task.IsCompleted;

    /// <returns>Whether the caller still waits for it.</returns>
    public bool TryComplete(T value) => _answer.TrySetResult(value);

    /// <inheritdoc />
    public override void Fail(Exception fault) => _answer.TrySetException(fault);

    /// <inheritdoc />
    public override void Abandon() => _answer.TrySetCanceled();
}

/// <summary>Asks for events.</summary>
internal sealed class NextRequest(int limit, TimeSpan? lease) : DeliveryRequest<IReadOnlyList<Delivery>>
{
    public int Limit => limit;

    public TimeSpan? Lease => lease;
}

/// <summary>
/// Waits until all calls before it are answered, and what was asked of the subscription is read. A session that fails
/// answers none of them, and the next one begins with reading that.
/// </summary>
internal sealed class SettleRequest : DeliveryRequest<bool>
{
    /// <inheritdoc />
    public override void Fail(Exception fault) => TryComplete(true);
}

/// <summary>Ends leases of events that nobody got.</summary>
internal sealed class PutBackRequest(IReadOnlyList<LeaseName> leases) : DeliveryRequest<bool>
{
    public IReadOnlyList<LeaseName> Leases => leases;
}

/// <summary>Ends leases.</summary>
/// <param name="leases">The leases, with the positions of their events.</param>
/// <param name="refusal">Why the events are refused; null where they are acknowledged.</param>
internal sealed class EndRequest(IReadOnlyList<LeaseName> leases, LeaseRefusal? refusal)
    : DeliveryRequest<IReadOnlyList<string>>
{
    public IReadOnlyList<LeaseName> Leases => leases;

    public LeaseRefusal? Refusal => refusal;
}
