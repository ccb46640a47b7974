using Granary.Runtime;
using Granary.Testing;
using Granary.Tests.Unit.Hosting;
using Granary.Tests.Unit.Retention;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Granary.Tests.Unit.Projections;

/// <summary>A live projection: a model is folded from its stream when it is read, and nothing is stored.</summary>
public sealed class LiveProjectionTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_live_model_is_as_new_as_the_store_and_nothing_of_it_is_stored()
    {
        await using var cluster = await StartAsync();
        var reader = cluster.Cluster.Silos[0].ServiceProvider.GetRequiredService<IModelReader<TallyModel>>();
        Assert.Null(await reader.FindAsync("a", null, Token));
        for (var i = 1; i <= 20; i++)
        {
            await cluster.Grains.GetGrain<ITallyGrain>("a").Add(2);
            Assert.Equal(new TallyModel { Total = 2 * i, Count = i }, await reader.FindAsync("a", null, Token));
        }

        await cluster.Grains.GetGrain<ITallyGrain>("a").Clear();
        Assert.Null(await reader.FindAsync("a", null, Token));
        Assert.Null(await reader.FindAsync("", null, Token));
        Assert.Empty(await cluster.Models.ReadCheckpointsAsync(Token));
        Assert.Empty(await cluster.Grains.GetGrain<IReadersGrain>(0).GetStatus(null, Token));
        await Assert.ThrowsAsync<StoreSchemaException>(
            async () => await new BuildsTable(cluster.Models).ReadAsync("tallies", Token));
    }

    [Fact]
    public async Task It_is_shown_as_live_and_what_needs_stored_models_is_refused_and_says_what_to_do()
    {
        await using var cluster = await StartAsync();
        var projections = cluster.Grains.GetGrain<IProjectionsGrain>(0);
        var read = await projections.Read("tallies", Token);
        foreach (var view in new[] { Assert.Single(await projections.ReadAll(Token)), read })
        {
            Assert.Equal(("tallies", 1, true), (view.Name, view.Version, view.IsLive));
            Assert.Empty(view.Builds);
            Assert.Null(view.TruthCheck);
        }

        var error = await Assert.ThrowsAsync<ProjectionIsLiveException>(
            () => new ModelReader<TallyModel>(cluster.Grains, "tallies").QueryAsync(null, Token));
        Assert.Equal("tallies", error.Name);
        Assert.Contains(
            "register the projection as a stored one, with AddProjection", error.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ProjectionIsLiveException>(() => projections.Rebuild("tallies", false, Token));
        await Assert.ThrowsAsync<ProjectionIsLiveException>(() => projections.Switch("tallies", "tallies_v1", Token));
        await Assert.ThrowsAsync<ProjectionIsLiveException>(() => projections.Drop("tallies", "tallies_v1", Token));
        await Assert.ThrowsAsync<ProjectionIsLiveException>(
            () => cluster.Grains.GetGrain<IReadersGrain>(0).Pause("tallies", Token));
    }

    [Fact]
    public async Task A_position_that_the_log_has_is_seen_at_once_and_another_one_is_waited_for()
    {
        await using var cluster = await StartAsync();
        var reader = new ModelReader<TallyModel>(cluster.Grains, "tallies");
        await cluster.Grains.GetGrain<ITallyGrain>("a").Add(2);
        var end = new LogPosition(default, new GlobalPosition(1));
        var next = end with { Position = new GlobalPosition(2) };
        Assert.Equal(2, (await reader.FindAsync("a", ModelWait.For(end, TimeSpan.Zero), Token))!.Total);
        await reader.WaitForAsync(ModelWait.For(end, TimeSpan.Zero), Token);
        var error = await Assert.ThrowsAsync<ModelsBehindException>(
            () => reader.FindAsync("a", ModelWait.For(next, TimeSpan.Zero), Token));
        Assert.Equal(("tallies", "0:2", "0:1"), (error.Projection, $"{error.Asked}", $"{error.Passed}"));

        var waiting = reader.FindAsync("a", ModelWait.For(next, TimeSpan.FromSeconds(50)), Token);
        await cluster.Grains.GetGrain<ITallyGrain>("a").Add(2);
        Assert.Equal(4, (await waiting.WaitAsync(TimeSpan.FromSeconds(30), Token))!.Total);
        var elsewhere = new LogPosition(new LogPartition(3), new GlobalPosition(1));
        await Assert.ThrowsAsync<ModelQueryException>(() => reader.WaitForAsync(ModelWait.For(elsewhere), Token));
    }

    [Fact]
    public async Task The_wait_ends_with_the_time_that_was_given()
    {
        var (log, time) = (await new AccountLog().InitializeAsync(), new FakeTimeProvider());
        var asked = await log.AppendAsync("a", new Opened("ada"));
        var models = new LiveModels(log.Store, time);
        var next = asked with { Position = new GlobalPosition(asked.Position.Value + 1) };
        var waiting = models.WaitAsync(next, TimeSpan.FromSeconds(1), Token);
        for (var passed = 0; passed < 9; passed++)
        {
            time.Advance(TimeSpan.FromMilliseconds(100));
            Assert.False(waiting.IsCompleted);
        }

        time.Advance(TimeSpan.FromMilliseconds(100));
        Assert.Equal(asked, await waiting.WaitAsync(TimeSpan.FromSeconds(30), Token));

        waiting = models.WaitAsync(next, TimeSpan.FromSeconds(1), Token);
        await log.AppendAsync("b", new Opened("bob"));
        time.Advance(TimeSpan.FromMilliseconds(100));
        Assert.Equal(next, await waiting.WaitAsync(TimeSpan.FromSeconds(30), Token));
    }

    [Fact]
    public async Task It_is_equal_to_what_a_stored_projection_makes_of_the_same_events()
    {
        var log = await new AccountLog().InitializeAsync();
        await log.AppendAsync("a", new Opened("ada"), new Deposited(5), new Other(), new Withdrawn(2));
        await log.AppendAsync("b", new Opened("bob"), new Closed(), new Opened("eve"));
        await log.AppendAsync("c", new Opened("cid"), new Closed());
        var other = await log.AppendAsync("a", new Other());
        await log.FollowAsync();
        foreach (var key in new[] { "a", "b", "c", "d" })
        {
            var (row, live) = (await log.ReadRowAsync(key), await FindAsync(log, key));
            Assert.Equal(row is null, live is null);
            if (row is null) continue;
            Assert.True(BuildComparer.AreEqual(row.Document, live!.Document));
            Assert.Equal((row.Key, row.Position), (live.Key, live.Position));
            Assert.NotEqual(other, live.Position);
        }
    }

    [Fact]
    public async Task A_stream_of_more_events_than_are_folded_is_refused_before_it_is_read_and_while_it_grows()
    {
        var log = await new AccountLog().InitializeAsync();
        var events = Enumerable.Repeat<IAccountEvent>(new Deposited(1), GranaryLimits.LiveModelEventsMax).ToArray();
        await log.AppendAsync("a", events);
        Assert.NotNull(await FindAsync(log, "a"));

        var growing = new StreamPart(
            log.Store, AccountLog.StreamOf("a"), null, GranaryLimits.LiveModelEventsMax);
        await growing.CheckLengthAsync(Token);
        await log.AppendAsync("a", new Deposited(1));
        await Assert.ThrowsAsync<LimitExceededException>(async () => await log.Projection.FoldAsync(
            growing.ReadAsync(Token), Token));
        await log.AppendAsync("a", new Deposited(1), new Deposited(1));
        var error = await Assert.ThrowsAsync<LimitExceededException>(() => FindAsync(log, "a"));
        Assert.Equal((10_003, 10_000), (error.Actual, error.Allowed));
        Assert.Contains("with AddProjection", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_truncated_stream_and_an_event_that_fails_are_errors_and_no_other_model()
    {
        var log = await new AccountLog().InitializeAsync();
        await log.AppendAsync("a", new Opened("ada"), new Deposited(1), new Deposited(1));
        await log.TruncateAsync("a", 3);
        await Assert.ThrowsAsync<StreamTruncatedException>(() => FindAsync(log, "a"));

        var failed = await log.AppendAsync("b", new Withdrawn(1));
        var error = await Assert.ThrowsAsync<ReplayFailedException>(() => FindAsync(log, "b"));
        Assert.Equal(failed, error.Position);
        Assert.Contains("The account is overdrawn.", error.Message, StringComparison.Ordinal);

        var lossy = Folding<Lossy.Model>.Register(new Lossy());
        await log.AppendAsync("c", new Deposited(1));
        var kept = await Assert.ThrowsAsync<ReplayFailedException>(
            () => new LiveModels(log.Store, TimeProvider.System).FindAsync(lossy, "c", Token));
        Assert.Contains("JSON does not keep the model", kept.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_projection_that_cannot_be_live_stops_the_silos_start_and_what_to_do_is_said()
    {
        var error = await TestSilo.FailToStartAsync<InvalidOperationException>(
            static silo => silo.AddGranary().UseMemory().AddLiveProjection<Movements>());
        Assert.Contains("'movements' cannot be live", error.Message, StringComparison.Ordinal);
        await TestSilo.FailToStartAsync<InvalidOperationException>(static silo =>
            silo.AddGranary().UseMemory().AddProjection<Tallies>().AddLiveProjection<Tallies>());
    }

    private static Task<GranaryTestCluster> StartAsync() =>
        GranaryTestCluster.StartAsync(new GranaryTestClusterOptions
        {
            Configure = static (_, granary) => granary.AddLiveProjection<Tallies>(),
        });

    private static Task<ReadModel?> FindAsync(AccountLog log, string key) =>
        new LiveModels(log.Store, TimeProvider.System).FindAsync(log.Projection, key, Token);
}
