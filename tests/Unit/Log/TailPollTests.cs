using Microsoft.Extensions.Time.Testing;

namespace Granary.Tests.Unit.Log;

public sealed class TailPollTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly FakeTimeProvider _time = new();
    private readonly LogTailSignal _signal = new(1);
    private readonly SemaphoreSlim _reads = new(0);
    private readonly List<Exception> _reported = [];
    private Func<long> _end = static () => 0;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_store_is_looked_at_while_somebody_waits()
    {
        await using var poll = NewPoll();
        var wait = poll.WaitAsync(default, Token).AsTask();
        await TickAsync();
        Assert.False(wait.IsCompleted);
        _end = static () => 7;
        await TickAsync();
        Assert.Equal(7, (await wait.WaitAsync(Patience, Token)).Value);

        var next = poll.WaitAsync(new(default, new(7)), Token).AsTask();
        _end = static () => 8;
        await TickAsync();
        Assert.Equal(8, (await next.WaitAsync(Patience, Token)).Value);
    }

    [Fact]
    public async Task Where_the_store_cannot_be_read_who_waits_is_woken_to_find_out()
    {
        await using var poll = NewPoll();
        _end = static () => throw new StoreUnavailableException("It is away.");
        var wait = poll.WaitAsync(default, Token).AsTask();
        await TickAsync();
        Assert.Equal(0, (await wait.WaitAsync(Patience, Token)).Value);
        Assert.Single(_reported);

        _end = static () => 1;
        var next = poll.WaitAsync(default, Token).AsTask();
        await TickAsync();
        Assert.Equal(1, (await next.WaitAsync(Patience, Token)).Value);
    }

    [Fact]
    public async Task A_store_that_is_closed_wakes_who_waits_and_takes_no_more_waits()
    {
        var poll = NewPoll();
        var wait = poll.WaitAsync(default, Token).AsTask();
        await poll.DisposeAsync();

        Assert.Equal(0, (await wait.WaitAsync(Patience, Token)).Value);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => poll.WaitAsync(default, Token).AsTask());
    }

    private static TimeSpan Interval { get; } = TimeSpan.FromMilliseconds(100);

    private TailPoll NewPoll() => new(_signal, ReadAsync, Interval, _time, _reported.Add);

    private Task<IReadOnlyList<LogPosition>> ReadAsync()
    {
        _reads.Release();
        return Task.FromResult<IReadOnlyList<LogPosition>>([new LogPosition(default, new(_end()))]);
    }

    private async Task TickAsync()
    {
        _time.Advance(Interval);
        Assert.True(await _reads.WaitAsync(Patience, Token));
    }
}
