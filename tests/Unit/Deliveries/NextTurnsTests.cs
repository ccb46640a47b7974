using System.Text;
using Granary.Runtime;
using Granary.Tests.Unit.Following;
using Microsoft.Extensions.Time.Testing;

namespace Granary.Tests.Unit.Deliveries;

/// <summary>The partitions of a subscription are asked for events one after the other.</summary>
public sealed class NextTurnsTests
{
    private readonly List<(int Partition, TimeSpan? Within)> _asked = [];
    private readonly List<Delivery> _putBack = [];
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task A_partition_that_has_failed_keeps_no_event_of_another_one_back()
    {
        var turns = new NextTurns(3, _time);
        var answer = await AskAsync(turns, at => at == 0 ? throw Unavailable() : [Make(at)]);
        Assert.Equal([1, 2], answer.Events.Select(static one => one.Event.Position.Partition.Value));
        Assert.Equal([1, 2], answer.Answered.Select(static one => one.Value));
        Assert.IsType<SubscriptionUnavailableException>(answer.Fault);
    }

    [Fact]
    public async Task Once_events_are_leased_or_a_partition_has_failed_the_others_are_waited_for_shortly()
    {
        var turns = new NextTurns(3, _time);
        await AskAsync(turns, static at => at == 1 ? [Make(at)] : []);
        await AskAsync(turns, static at => at == 1 ? throw Unavailable() : []);
        Assert.Equal(
            [
                (0, null), (1, null), (2, NextTurns.ShortMax),
                (1, null), (2, NextTurns.ShortMax), (0, NextTurns.ShortMax),
            ],
            _asked);
    }

    [Fact]
    public async Task What_was_leased_is_put_back_where_the_call_is_cancelled()
    {
        var turns = new NextTurns(2, _time);
        await Assert.ThrowsAsync<OperationCanceledException>(
            () => AskAsync(turns, static at => at == 1 ? throw new OperationCanceledException() : [Make(at)]));
        Assert.Equal(0, Assert.Single(_putBack).Event.Position.Partition.Value);
    }

    [Fact]
    public async Task An_answer_is_bounded_also_where_the_metadata_is_large()
    {
        var turns = new NextTurns(30, _time);
        var answer = await AskAsync(turns, at => [Make(at, metadata: 50_000)]);
        Assert.InRange(answer.Events.Count, 20, 22);
    }

    [Fact]
    public async Task A_partition_whose_silo_answers_nothing_is_not_waited_for_while_the_leases_of_others_run()
    {
        var (turns, asked) = (new NextTurns(2, _time), new TaskCompletionSource());
        var asking = turns.AskAsync(
            "mailer", 100,
            (at, _, _, ends) => at.Value == 0
                ? Task.FromResult<IReadOnlyList<Delivery>>([Make(0)])
                : HangAsync(ends),
            static _ => Task.CompletedTask, TestContext.Current.CancellationToken);
        await asked.Task;
        _time.Advance(TimeSpan.FromSeconds(1));
        var answer = await asking.WaitAsync(FollowedLog.Patience, TestContext.Current.CancellationToken);
        Assert.Single(answer.Events);
        Assert.IsType<SubscriptionUnavailableException>(answer.Fault);

        async Task<IReadOnlyList<Delivery>> HangAsync(CancellationToken ends)
        {
            asked.SetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, _time, ends);
            return [];
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_error_that_stops_a_worker_keeps_no_event_of_another_one_back(bool isFirst)
    {
        var turns = new NextTurns(2, _time);
        var answer = await AskAsync(
            turns,
            at => at == (isFirst ? 0 : 1) ? throw new StoreCorruptException("It is broken.") : [Make(at)]);
        Assert.Single(answer.Events);
        Assert.IsType<StoreCorruptException>(answer.Fault);
        Assert.Empty(_putBack);
    }

    [Fact]
    public async Task A_subscription_that_is_no_more_is_said_to_be_so()
    {
        await Assert.ThrowsAsync<SubscriptionUnknownException>(() => AskAsync(
            new NextTurns(2, _time), static at => at == 1 ? throw new SubscriptionUnknownException("mailer") : []));
    }

    private Task<NextAnswer> AskAsync(NextTurns turns, Func<int, IReadOnlyList<Delivery>> next) => turns.AskAsync(
        "mailer",
        100,
        (at, _, within, _) =>
        {
            _asked.Add((at.Value, within));
            try
            {
                return Task.FromResult(next(at.Value));
            }
            catch (Exception fault)
            {
                return Task.FromException<IReadOnlyList<Delivery>>(fault);
            }
        },
        events =>
        {
            _putBack.AddRange(events);
            return Task.CompletedTask;
        },
        TestContext.Current.CancellationToken);

    private static SubscriptionUnavailableException Unavailable() => new("mailer", default, "It has stopped.");

    private static Delivery Make(int partition, int metadata = 0) => new()
    {
        Lease = "",
        Until = default,
        Try = 1,
        Event = new RecordedEvent
        {
            Stream = new StreamName("test", "s"),
            Version = new StreamVersion(1),
            Position = new LogPosition(new LogPartition(partition), new GlobalPosition(1)),
            Id = default,
            AppendId = default,
            Type = "t",
            SchemaVersion = 1,
            Timestamp = default,
            ContentType = "application/json",
            Payload = "{}"u8.ToArray(),
            Metadata = EventMetadata.FromUtf8(Encoding.UTF8.GetBytes($$"""{"m":"{{new string('x', metadata)}}"}""")),
        },
    };
}
