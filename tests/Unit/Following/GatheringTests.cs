using Granary.Runtime;
using Microsoft.Extensions.Time.Testing;

namespace Granary.Tests.Unit.Following;

/// <summary>
/// A projection waits for more events where many come, and nobody who waits for a position waits for it.
/// </summary>
public sealed class GatheringTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly WorkerProgress _progress;
    private readonly Gathering _gathering;

    public GatheringTests()
    {
        _progress = new WorkerProgress(_time);
        _gathering = new Gathering(_progress, _time);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(199, 0)]
    [InlineData(200, 20)]
    [InlineData(5_000, 20)]
    [InlineData(10_000, 40)]
    [InlineData(25_000, 100)]
    [InlineData(double.MaxValue, 100)]
    public void The_wait_grows_with_the_rate_of_events_up_to_a_bound(double rate, int milliseconds) =>
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), Gathering.DelayAt(rate));

    [Fact]
    public async Task The_first_batch_and_one_that_comes_seldom_are_followed_by_no_wait()
    {
        await WaitAsync(5_000);
        _time.Advance(TimeSpan.FromSeconds(1));
        await WaitAsync(199);
    }

    [Fact]
    public async Task After_a_batch_of_many_events_the_wait_lasts_as_long_as_their_rate_says()
    {
        var waiting = await BeginAsync();
        _time.Advance(TimeSpan.FromMilliseconds(39));
        Assert.False(waiting.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        await waiting.WaitAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Who_waits_for_a_position_ends_the_wait()
    {
        var waiting = await BeginAsync();
        Assert.False(waiting.IsCompleted);
        var asked = _progress.WaitAsync(new(1), TestContext.Current.CancellationToken);
        await waiting.WaitAsync(TestContext.Current.CancellationToken);
        _progress.Pass(new(1));
        await asked;
    }

    [Fact]
    public async Task Who_waits_already_is_not_kept_waiting()
    {
        await WaitAsync(1);
        var asked = _progress.WaitAsync(new(1), TestContext.Current.CancellationToken);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        await WaitAsync(10);
        _progress.Pass(new(1));
        await asked;
    }

    [Fact]
    public async Task A_session_that_ends_ends_the_wait()
    {
        using var stopping = new CancellationTokenSource();
        await WaitAsync(1);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        var waiting = _gathering.WaitAsync(10, stopping.Token);
        await stopping.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }

    // 10 events in a millisecond.
    private async Task<Task> BeginAsync()
    {
        await WaitAsync(1);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        return _gathering.WaitAsync(10, TestContext.Current.CancellationToken);
    }

    private Task WaitAsync(int events) => _gathering.WaitAsync(events, TestContext.Current.CancellationToken);
}
