namespace Granary.Testing;

/// <summary>A gate before a call to a store: the test waits until the call is there, and opens the gate.</summary>
public sealed class StoreGate
{
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal StoreGate()
    {
    }

    /// <summary>Completes when a call waits at the gate.</summary>
    public Task Reached => _reached.Task;

    /// <summary>Lets the call continue, now or when it comes.</summary>
    public void Open() => _opened.TrySetResult();

    internal Task PassAsync(CancellationToken cancellationToken)
    {
        _reached.TrySetResult();
        return _opened.Task.WaitAsync(cancellationToken);
    }
}
