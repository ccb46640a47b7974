namespace Granary.Runtime;

/// <summary>The calls that wait until what was raised is confirmed, or the store was checked, in their order.</summary>
internal sealed class AppendWaiters
{
    private readonly List<Waiter> _waiters = [];

    /// <summary>A wait for all submissions up to a number, and for all checks of the head up to another.</summary>
    public Task Add(long through, long checks)
    {
        if (_waiters.Count > 0 && _waiters[^1] is { Done: { } done } last && last.Through == through
            && last.Checks == checks) return done.Task;
        var waiter = new Waiter(through, checks, AppendLoop.NewPromise(), null);
        _waiters.Add(waiter);
        return waiter.Done!.Task;
    }

    /// <summary>A wait that began with the submission's own confirmation task.</summary>
    public void Add(Submission carrier) => _waiters.Add(new Waiter(carrier.Number, 0, null, carrier));

    /// <summary>Removes the first whose wait is over.</summary>
    /// <param name="through">All submissions up to this number are confirmed, or dropped.</param>
    /// <param name="checks">All checks up to this number are done.</param>
    /// <param name="removed">The waiter.</param>
    public bool TryRemoveDone(long through, long checks, out Waiter removed) =>
        TryRemove(waiter => waiter.Through <= through && waiter.Checks <= checks, out removed);

    /// <summary>Removes those that wait for one of these checks.</summary>
    public List<Waiter> RemoveChecking(long after, long through)
    {
        bool Waits(Waiter waiter) => waiter.Checks > after && waiter.Checks <= through;
        var removed = _waiters.FindAll(Waits);
        _waiters.RemoveAll(Waits);
        return removed;
    }

    /// <summary>Removes all.</summary>
    public Waiter[] RemoveAll()
    {
        Waiter[] all = [.. _waiters];
        _waiters.Clear();
        return all;
    }

    private bool TryRemove(Predicate<Waiter> matches, out Waiter removed)
    {
        var at = _waiters.FindIndex(matches);
        removed = at < 0 ? default : _waiters[at];
        if (at >= 0) _waiters.RemoveAt(at);
        return at >= 0;
    }

    /// <summary>One wait.</summary>
    /// <param name="Through">The number of the last submission that it waits for.</param>
    /// <param name="Checks">The number of the last check of the head that it waits for; 0 for none.</param>
    /// <param name="Done">What is completed; null where <paramref name="Carrier"/> is set.</param>
    /// <param name="Carrier">The submission whose confirmation task is started.</param>
    internal readonly record struct Waiter(
        long Through, long Checks, TaskCompletionSource<bool>? Done, Submission? Carrier);
}

/// <summary>A request to clear the stream after what was raised until then.</summary>
/// <param name="After">The number of the last submission that was raised before it.</param>
/// <param name="RequestedAt">The clock's time stamp.</param>
/// <param name="Done">Completed when the stream is cleared, or could not be.</param>
/// <param name="Expected">What the stream's version must be.</param>
/// <param name="Token">Cancels it until it begins.</param>
internal sealed record ClearRequest(
    long After, long RequestedAt, TaskCompletionSource<bool> Done, ExpectedVersion Expected, CancellationToken Token);
