using Granary.Gateway;
using Microsoft.Extensions.Time.Testing;

namespace Granary.Tests.Unit.Gateway;

/// <summary>A call over HTTP waits for the next events of a subscription.</summary>
public sealed class NextWaitTests
{
    private readonly FakeTimeProvider _time = new();
    private int _calls;

    [Fact]
    public async Task A_partition_that_does_not_answer_does_not_end_the_wait_for_an_event_of_another_one()
    {
        IReadOnlyList<Delivery> some = [null!];
        var events = await new NextWait(_time, default).RunAsync(TimeSpan.FromSeconds(30), part =>
        {
            _time.Advance(part);
            return ++_calls < 10 ? throw Unavailable() : Task.FromResult(some);
        });
        Assert.Same(some, events);
    }

    [Fact]
    public async Task Once_the_time_is_over_it_is_said_that_a_partition_does_not_answer()
    {
        await Assert.ThrowsAsync<SubscriptionUnavailableException>(
            () => new NextWait(_time, default).RunAsync(TimeSpan.FromSeconds(30), part =>
            {
                _calls++;
                _time.Advance(part);
                throw Unavailable();
            }));
        Assert.Equal(30, _calls);
    }

    [Fact]
    public async Task Where_no_partition_answers_it_is_said_at_once()
    {
        await Assert.ThrowsAsync<SubscriptionUnavailableException>(
            () => new NextWait(_time, default).RunAsync(TimeSpan.FromSeconds(30), _ =>
            {
                _calls++;
                throw Unavailable();
            }));
        Assert.Equal(1, _calls);
    }

    [Fact]
    public async Task A_server_that_stops_answers_those_who_wait()
    {
        using var stopping = new CancellationTokenSource();
        var events = await new NextWait(_time, stopping.Token).RunAsync(TimeSpan.FromSeconds(30), part =>
        {
            _time.Advance(part);
            if (++_calls == 3) stopping.Cancel();
            return Task.FromResult<IReadOnlyList<Delivery>>([]);
        });
        Assert.Empty(events);
        Assert.Equal(3, _calls);
    }

    private static SubscriptionUnavailableException Unavailable() => new("mailer", default, "It has stopped.");
}
