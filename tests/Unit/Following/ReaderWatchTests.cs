using Granary.Runtime;
using Microsoft.Extensions.Time.Testing;

namespace Granary.Tests.Unit.Following;

/// <summary>
/// What is asked of readers is read once for all who want to know it, and no later than each needs it.
/// </summary>
public sealed class ReaderWatchTests : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly FakeTimeProvider _time = new();
    private readonly SemaphoreSlim _begun = new(0);
    private readonly Queue<TaskCompletionSource> _held = new();
    private readonly ReaderWatch _watch;
    private int _reads;

    public ReaderWatchTests() => _watch = new ReaderWatch(ReadAsync, _time);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_was_read_is_known_for_as_long_as_the_caller_allows()
    {
        Release();
        var first = await _watch.ReadAsync(TimeSpan.FromSeconds(5), Token).AsTask().WaitAsync(Patience, Token);
        _time.Advance(TimeSpan.FromSeconds(4));
        Assert.Same(
            first, await _watch.ReadAsync(TimeSpan.FromSeconds(5), Token).AsTask().WaitAsync(Patience, Token));
        Release();
        Assert.NotSame(
            first, await _watch.ReadAsync(TimeSpan.FromSeconds(4), Token).AsTask().WaitAsync(Patience, Token));
        Assert.Equal(2, _reads);
    }

    [Fact]
    public async Task Who_must_know_what_is_stored_now_gets_a_read_that_begins_afterwards_and_shares_it()
    {
        var running = _watch.ReadAsync(TimeSpan.FromSeconds(5), Token).AsTask();
        Assert.True(await _begun.WaitAsync(Patience, Token));
        var joined = _watch.ReadAsync(TimeSpan.FromSeconds(5), Token).AsTask();
        var asked = Enumerable.Range(0, 16).Select(_ => _watch.ReadAsync(TimeSpan.Zero, Token).AsTask()).ToArray();
        Assert.Equal(1, _reads);
        Release();
        Assert.Same(await running.WaitAsync(Patience, Token), await joined.WaitAsync(Patience, Token));

        Assert.True(await _begun.WaitAsync(Patience, Token));
        Release();
        var found = await Task.WhenAll(asked).WaitAsync(Patience, Token);
        Assert.NotSame(await running, Assert.Single(found.Distinct()));
        Assert.Equal(2, _reads);
    }

    [Fact]
    public async Task A_read_that_fails_fails_for_those_who_wait_for_it_and_is_tried_again_for_the_next()
    {
        var first = _watch.ReadAsync(TimeSpan.FromSeconds(5), Token).AsTask();
        var second = _watch.ReadAsync(TimeSpan.FromSeconds(5), Token).AsTask();
        Fail();
        await Assert.ThrowsAsync<StoreUnavailableException>(() => first.WaitAsync(Patience, Token));
        await Assert.ThrowsAsync<StoreUnavailableException>(() => second.WaitAsync(Patience, Token));
        Release();
        await _watch.ReadAsync(TimeSpan.FromSeconds(5), Token).AsTask().WaitAsync(Patience, Token);
        Assert.Equal(2, _reads);
    }

    [Fact]
    public async Task A_caller_that_is_cancelled_leaves_the_read_to_the_others()
    {
        using var source = new CancellationTokenSource();
        var first = _watch.ReadAsync(TimeSpan.FromSeconds(5), source.Token).AsTask();
        var second = _watch.ReadAsync(TimeSpan.FromSeconds(5), Token).AsTask();
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first.WaitAsync(Patience, Token));
        Release();
        await second.WaitAsync(Patience, Token);
        Assert.Equal(1, _reads);
    }

    [Fact]
    public async Task One_that_is_disposed_ends_what_it_reads()
    {
        var read = _watch.ReadAsync(TimeSpan.FromSeconds(5), Token).AsTask();
        await _watch.DisposeAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read.WaitAsync(Patience, Token));
    }

    public async ValueTask DisposeAsync()
    {
        await _watch.DisposeAsync();
        _begun.Dispose();
    }

    private async Task<ReaderOrders> ReadAsync(long at, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _reads);
        _begun.Release();
        await Next().Task.WaitAsync(cancellationToken);
        return new ReaderOrders(at, new Dictionary<string, ModelRow>());
    }

    // Each read takes one, whichever of the two is there first.
    private TaskCompletionSource Next()
    {
        lock (_held)
        {
            if (_held.TryPeek(out var one) && one.Task.IsCompleted) return _held.Dequeue();
            _held.Enqueue(one = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
            return one;
        }
    }

    private TaskCompletionSource Held()
    {
        lock (_held)
        {
            if (_held.TryPeek(out var one) && !one.Task.IsCompleted) return _held.Dequeue();
            _held.Enqueue(one = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
            return one;
        }
    }

    private void Release()
    {
        lock (_held) Held().SetResult();
    }

    private void Fail()
    {
        lock (_held) Held().SetException(new StoreUnavailableException("Not now."));
    }
}
