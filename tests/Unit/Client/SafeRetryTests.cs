using System.Runtime.CompilerServices;
using Granary.Client;
using Microsoft.Extensions.Time.Testing;

namespace Granary.Tests.Unit.Client;

/// <summary>What a silo did not answer because it stops is sent again, for a bounded time.</summary>
public sealed class SafeRetryTests
{
    private readonly FakeTimeProvider _time = new();
    private int _calls;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_call_that_a_silo_did_not_answer_is_sent_again()
    {
        var run = SafeRetry.RunAsync(
            () => ++_calls switch
            {
                1 => Task.FromException<int>(new SiloUnavailableException()),
                2 => Task.FromException<int>(Rejection()),
                _ => Task.FromResult(7),
            },
            _time, Token);
        Assert.Equal(1, _calls);
        _time.Advance(TimeSpan.FromMilliseconds(49));
        Assert.Equal(1, _calls);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(2, _calls);
        _time.Advance(TimeSpan.FromMilliseconds(100));

        Assert.Equal(7, await run);
        Assert.Equal(3, _calls);
    }

    [Fact]
    public async Task It_is_given_up_after_a_bounded_time()
    {
        var run = SafeRetry.RunAsync(Fail<SiloUnavailableException>, _time, Token);
        for (var made = 1; made < SafeRetry.CallsMax; made++)
        {
            Assert.False(run.IsCompleted);
            _time.Advance(TimeSpan.FromMilliseconds(50 << (made - 1)));
        }

        await Assert.ThrowsAsync<SiloUnavailableException>(() => run);
        Assert.Equal(SafeRetry.CallsMax, _calls);
    }

    [Fact]
    public async Task Every_other_error_is_the_callers_at_once()
    {
        await Assert.ThrowsAsync<TimeoutException>(() => SafeRetry.RunAsync(Fail<TimeoutException>, _time, Token));
        await Assert.ThrowsAsync<InvalidOperationException>(
            () => SafeRetry.RunAsync(Fail<InvalidOperationException>, _time, Token));
        Assert.Equal(2, _calls);
    }

    [Fact]
    public async Task It_is_cancelled_while_it_waits()
    {
        using var cancel = new CancellationTokenSource();
        var run = SafeRetry.RunAsync(Fail<SiloUnavailableException>, _time, cancel.Token);
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
        Assert.Equal(1, _calls);
    }

    // Orleans alone makes one.
    private static Exception Rejection() =>
        (Exception)RuntimeHelpers.GetUninitializedObject(typeof(OrleansMessageRejectionException));

    private Task<int> Fail<TException>()
        where TException : Exception, new()
    {
        _calls++;
        return Task.FromException<int>(new TException());
    }
}
