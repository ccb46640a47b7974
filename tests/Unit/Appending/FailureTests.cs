using System.Diagnostics.Metrics;
using Granary.Runtime;

namespace Granary.Tests.Unit.Appending;

public sealed class FailureTests
{
    [Fact]
    public async Task A_conflict_is_reported_to_its_caller_alone()
    {
        await using var harness = new AppenderHarness();
        var (_, running) = await harness.OccupyAsync();
        var sent = new[] { "a", "b", "c" }.Select(key => harness.Send(key)).ToArray();

        running.Release();
        (await harness.Store.NextAsync()).Release(conflicting: "b");

        Assert.Equal(
            [AppendOutcome.Appended, AppendOutcome.Conflict, AppendOutcome.Appended],
            (await Task.WhenAll(sent)).Select(result => result.Outcome));
    }

    [Fact]
    public async Task A_commit_that_fails_is_reported_to_every_caller_and_the_writer_continues()
    {
        await using var harness = new AppenderHarness();
        var (_, running) = await harness.OccupyAsync();
        var append = AppenderHarness.Of("a");
        var sent = new[] { harness.Send(append), harness.Send("b"), harness.Send("c") };
        var outage = new StoreUnavailableException("The disk is away.");

        running.Release();
        (await harness.Store.NextAsync()).Fail(outage);

        foreach (var caller in sent)
            Assert.Same(outage, await Assert.ThrowsAsync<StoreUnavailableException>(() => caller));
        Assert.False(harness.Store.HasUnseen);

        var again = harness.Send(append);
        var retry = await harness.Store.NextAsync();
        retry.Release();
        Assert.Equal(AppendOutcome.Appended, (await again).Outcome);
        Assert.Equal(append.Id, retry.Appends[0].Id);
    }

    [Fact]
    public async Task Who_takes_an_answer_before_it_is_there_or_twice_disturbs_no_other()
    {
        await using var harness = new AppenderHarness();
        var (first, running) = await harness.OccupyAsync();
        var early = harness.Appender.AppendAsync(AppenderHarness.Of("early"), CancellationToken.None).GetAwaiter();
        Assert.Throws<InvalidOperationException>(() => AppenderHarness.ResultOf(early));
        var second = harness.Send("second");
        running.Release();
        await first;
        var commit = await harness.Store.NextAsync();
        Assert.Equal(["early", "second"], commit.Keys);
        commit.Release();
        await second;

        Assert.Equal(AppendOutcome.Appended, AppenderHarness.ResultOf(early).Outcome);
        var third = harness.Send("third");
        Assert.Throws<InvalidOperationException>(() => AppenderHarness.ResultOf(early));
        var fourth = harness.Send("fourth");
        var keys = new List<string>();
        while (keys.Count < 2)
        {
            commit = await harness.Store.NextAsync();
            keys.AddRange(commit.Keys);
            commit.Release();
        }

        Assert.Equal(["third", "fourth"], keys);
        await Task.WhenAll(third, fourth);
    }

    [Theory]
    [InlineData("granary.append.duration", true)]
    [InlineData("granary.commit.duration", true)]
    [InlineData("granary.append.failures", true)]
    [InlineData("granary.append.duration", false)]
    [InlineData("granary.commit.duration", false)]
    [InlineData("granary.append.failures", false)]
    public async Task A_listener_to_metrics_that_throws_costs_no_caller_its_answer(string instrument, bool logs)
    {
        await using var harness = new AppenderHarness(logs: logs);
        using var listener = new MeterListener();
        listener.InstrumentPublished = (published, self) =>
        {
            if (published.Name == instrument && published.Meter.Scope == harness.Meters)
                self.EnableMeasurementEvents(published);
        };
        listener.SetMeasurementEventCallback<double>(static (_, _, _, _) => throw new NotSupportedException());
        listener.SetMeasurementEventCallback<long>(static (_, _, _, _) => throw new NotSupportedException());
        listener.Start();

        var (first, running) = await harness.OccupyAsync();
        Task<AppendResult>[] sent = [harness.Send("b"), harness.Send("c")];
        running.Fail(new StoreUnavailableException("The disk is full."));
        await Assert.ThrowsAsync<StoreUnavailableException>(() => first);
        (await harness.Store.NextAsync()).Release();
        foreach (var one in sent) Assert.Equal(AppendOutcome.Appended, (await one).Outcome);
    }

    [Fact]
    public async Task A_log_that_throws_costs_no_caller_its_answer_and_the_writer_continues()
    {
        await using var harness = new AppenderHarness(logs: false);
        var (first, running) = await harness.OccupyAsync();
        Task<AppendResult>[] sent = [harness.Send("a"), harness.Send("b"), harness.Send("c")];
        running.Fail(new StoreUnavailableException("The disk is full."));
        await Assert.ThrowsAsync<StoreUnavailableException>(() => first);
        (await harness.Store.NextAsync()).Fail(new ArgumentException("Not valid."));
        (await harness.Store.NextAsync()).Fail(new ArgumentException("Not valid."));
        (await harness.Store.NextAsync()).Release();

        await Assert.ThrowsAsync<ArgumentException>(() => sent[0]);
        foreach (var one in sent[1..]) Assert.Equal(AppendOutcome.Appended, (await one).Outcome);
    }

    [Fact]
    public async Task A_caller_that_cannot_be_called_back_costs_no_other_its_answer()
    {
        await using var harness = new AppenderHarness(logs: false);
        var (first, running) = await harness.OccupyAsync();
        harness.Appender.Send(AppenderHarness.Of("a"), new ThrowingCaller());
        harness.Appender.Send(AppenderHarness.Of("b"), new ThrowingCaller());
        var sent = harness.Send("c");
        running.Fail(new StoreUnavailableException("The disk is full."));
        await Assert.ThrowsAsync<StoreUnavailableException>(() => first);
        (await harness.Store.NextAsync()).Release();

        Assert.Equal(AppendOutcome.Appended, (await sent).Outcome);
    }

    [Theory]
    [InlineData(6, 0, 43)]
    [InlineData(8, 0, 43)]
    [InlineData(7, 1, 43)]
    [InlineData(7, 0, 42)]
    [InlineData(7, 0, 0)]
    public async Task An_answer_that_cannot_be_is_an_error(long version, int partition, long position)
    {
        await using var harness = new AppenderHarness();
        var sent = harness.Send(new Append(
            new StreamName("test", "a"), ExpectedVersion.Exactly(new(5), new(42)), AppendId.New(TimeProvider.System),
            AppenderHarness.Of("a", events: 2).Events));
        (await harness.Store.NextAsync()).ReleaseWith(
            new(version), new(new(partition), new(position)));

        var error = await Assert.ThrowsAsync<StoreCorruptException>(() => sent);
        Assert.Contains($"at version {version}", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(6)]
    public async Task An_append_that_the_store_refuses_fails_alone_and_the_others_land_in_their_order(int faulty)
    {
        await using var harness = new AppenderHarness();
        var (_, running) = await harness.OccupyAsync();
        var keys = Enumerable.Range(0, 7).Select(number => $"k{number}").ToArray();
        var sent = keys.Select(key => harness.Send(key)).ToArray();

        running.Release();
        var landed = new List<string>();
        while (landed.Count < keys.Length - 1 || !sent[faulty].IsCompleted)
        {
            var commit = await harness.Store.NextAsync();
            if (!commit.Keys.Contains(keys[faulty]))
            {
                landed.AddRange(commit.Keys);
                commit.Release();
                continue;
            }

            var alone = commit.Appends.Count == 1;
            commit.Fail(new ArgumentException("Not valid."));
            if (alone) await Assert.ThrowsAsync<ArgumentException>(() => sent[faulty]);
        }

        Assert.Equal(keys.Where(key => key != keys[faulty]), landed);
        foreach (var other in sent.Where((_, at) => at != faulty))
            Assert.Equal(AppendOutcome.Appended, (await other).Outcome);
    }

    [Fact]
    public async Task A_store_that_commits_without_an_answer_fails_the_append_instead_of_confirming_it()
    {
        await using var harness = new AppenderHarness();
        var (first, running) = await harness.OccupyAsync();

        running.ReleaseUnanswered();

        await Assert.ThrowsAsync<StoreUnavailableException>(() => first);
    }

    [Fact]
    public async Task An_error_of_the_writer_itself_is_reported_to_the_callers_and_the_writer_continues()
    {
        await using var harness = new AppenderHarness();
        harness.Time.Error = new InvalidOperationException("The clock is broken.");
        await Assert.ThrowsAsync<InvalidOperationException>(() => harness.Send("a"));

        harness.Time.Error = null;
        var (next, running) = await harness.OccupyAsync();
        running.Release();

        Assert.Equal(AppendOutcome.Appended, (await next).Outcome);
    }

    private sealed class ThrowingCaller : IAppendCaller
    {
        public void OnAnswered(PendingAppend answered) => throw new NotSupportedException("Its scheduler has ended.");
    }
}
