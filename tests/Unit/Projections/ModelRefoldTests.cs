using Granary.Runtime;

namespace Granary.Tests.Unit.Projections;

/// <summary>A model is folded anew and compared: one that was changed differs, and no other one ever does.</summary>
public sealed class ModelRefoldTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_row_that_was_changed_made_or_deleted_past_the_projection_differs_and_the_others_are_equal()
    {
        var log = await StartAsync();
        foreach (var key in new[] { "a", "b", "c" }) await log.AppendAsync(key, new Opened(key), new Deposited(5));
        await log.FollowAsync();
        foreach (var key in new[] { "a", "b", "c", "never" })
            Assert.Equal(RefoldOutcome.Equal, await CheckAsync(log, key));

        await log.ChangeRowAsync("a", """{"owner":"a","balance":6,"seen":[]}""");
        await log.ChangeRowAsync("b", null);
        await log.ChangeRowAsync("never", """{"owner":"x","balance":0,"seen":[]}""");
        foreach (var key in new[] { "a", "b", "never" })
            Assert.Equal(RefoldOutcome.Differs, await CheckAsync(log, key));
        Assert.Equal(RefoldOutcome.Equal, await CheckAsync(log, "c"));

        await log.ChangeRowAsync("a", """{ "seen" : [], "balance" : 5.0, "owner" : "a" }""");
        Assert.Equal(RefoldOutcome.Equal, await CheckAsync(log, "a"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("""{"owner":"a",""")]
    [InlineData("none")]
    [InlineData("""{"owner":"\ud800","balance":5,"seen":[]}""")]
    public async Task A_row_that_cannot_be_read_differs(string document)
    {
        var models = new SteppedModels(new MemoryModelStore());
        var log = await StartAsync(models);
        await log.AppendAsync("a", new Opened("a"), new Deposited(5));
        await log.FollowAsync();
        models.OnRow = row => row with { Document = System.Text.Encoding.UTF8.GetBytes(document) };
        Assert.Equal(RefoldOutcome.Differs, await CheckAsync(log, "a"));
    }

    [Fact]
    public async Task Events_that_the_models_have_not_passed_do_not_count()
    {
        var log = await StartAsync();
        await log.AppendAsync("a", new Opened("ada"));
        await log.FollowAsync();
        await log.AppendAsync("a", new Deposited(5));
        await log.AppendAsync("b", new Opened("bob"));
        Assert.Equal(RefoldOutcome.Equal, await CheckAsync(log, "a"));
        Assert.Equal(RefoldOutcome.Equal, await CheckAsync(log, "b"));
    }

    [Fact]
    public async Task A_row_that_moves_while_it_is_checked_never_differs()
    {
        var models = new SteppedModels(new MemoryModelStore());
        var log = await StartAsync(models);
        await log.AppendAsync("a", new Opened("ada"));
        await log.FollowAsync();
        var steps = 0;
        models.AfterCheckpoint = async () =>
        {
            if (steps++ > 0) return;
            await log.AppendAsync("a", new Deposited(5));
            await log.FollowAsync();
        };
        Assert.Equal(RefoldOutcome.Equal, await CheckAsync(log, "a"));
        Assert.Equal(2, steps);

        models.AfterCheckpoint = async () =>
        {
            await log.AppendAsync("a", new Deposited(5));
            await log.FollowAsync();
        };
        Assert.Equal(RefoldOutcome.Skipped, await CheckAsync(log, "a"));
    }

    [Fact]
    public async Task A_cleared_stream_is_no_drift_before_its_row_is_deleted_and_after_it()
    {
        var models = new SteppedModels(new MemoryModelStore());
        var log = await StartAsync(models);
        await log.AppendAsync("a", new Opened("ada"), new Deposited(1));
        await log.AppendAsync("b", new Opened("bob"), new Deposited(1));
        await log.FollowAsync();
        models.AfterCheckpoint = async () =>
        {
            models.AfterCheckpoint = null;
            await log.ClearAsync("a");
            await log.ClearAsync("b");
            await log.AppendAsync("b", new Opened("eve"));
        };
        Assert.Equal(RefoldOutcome.Skipped, await CheckAsync(log, "a"));
        Assert.Equal(RefoldOutcome.Skipped, await CheckAsync(log, "a"));
        Assert.Equal(RefoldOutcome.Skipped, await CheckAsync(log, "b"));
        await log.FollowAsync();
        Assert.Equal(RefoldOutcome.Equal, await CheckAsync(log, "a"));
        Assert.Equal(RefoldOutcome.Equal, await CheckAsync(log, "b"));

        await log.ChangeRowAsync("a", """{"owner":"ada","balance":1,"seen":[]}""");
        Assert.Equal(RefoldOutcome.Differs, await CheckAsync(log, "a"));
    }

    [Fact]
    public async Task What_cannot_be_folded_anew_is_skipped()
    {
        var log = await StartAsync();
        await log.AppendAsync("truncated", new Opened("ada"), new Deposited(1), new Deposited(1));
        await log.AppendAsync("long", [.. Enumerable.Repeat(new Deposited(1), 11)]);
        await log.AppendAsync("short", [.. Enumerable.Repeat(new Deposited(1), 10)]);
        await log.FollowAsync();
        await log.TruncateAsync("truncated", 3);
        foreach (var key in new[] { "truncated", "long" })
        {
            await log.ChangeRowAsync(key, """{"owner":"","balance":-1,"seen":[]}""");
            Assert.Equal(RefoldOutcome.Skipped, await CheckAsync(log, key));
        }

        Assert.Equal(RefoldOutcome.Equal, await CheckAsync(log, "short"));
        var other = new ModelRefold(log.Build, log.Store, log.Models, Uuid7.New(TimeProvider.System), 10);
        Assert.Equal(RefoldOutcome.Skipped, await other.CheckAsync("short", Token));
    }

    [Fact]
    public async Task A_parked_stream_and_one_whose_waiting_event_was_dropped_are_skipped()
    {
        var models = new SteppedModels(new MemoryModelStore());
        var log = await StartAsync(models);
        await log.AppendAsync("a", new Opened("ada"), new Deposited(1));
        await log.AppendAsync("b", new Opened("bob"));
        await log.FollowAsync();
        var failed = await log.AppendAsync("a", new Deposited(1));
        models.AfterCheckpoint = () => log.ParkAsync("a", failed);
        await MoveCheckpointAsync(log, failed);
        Assert.Equal(RefoldOutcome.Skipped, await CheckAsync(log, "a"));
        models.AfterCheckpoint = null;
        Assert.Equal(RefoldOutcome.Skipped, await CheckAsync(log, "a"));
        Assert.Equal(RefoldOutcome.Equal, await CheckAsync(log, "b"));

        var dropped = await log.AppendAsync("b", new Withdrawn(5));
        await MoveCheckpointAsync(log, dropped);
        Assert.Equal(RefoldOutcome.Skipped, await CheckAsync(log, "b"));
    }

    [Fact]
    public async Task While_events_arrive_and_streams_are_cleared_no_model_differs()
    {
        var log = await StartAsync();
        var writing = Task.Run(async () =>
        {
            for (var i = 0; i < 3_000; i++)
            {
                var key = $"k{i * 7 % 5}";
                if (i % 11 == 0) await log.ClearAsync(key);
                else await log.AppendAsync(key, new Deposited(i));
                if (i % 3 == 0) await log.FollowAsync(limit: 4);
                await Task.Yield();
            }
        }, Token);
        var (checks, equal) = (0, 0);
        for (; !writing.IsCompleted; checks++)
        {
            var outcome = await CheckAsync(log, $"k{checks % 5}", 10_000);
            Assert.NotEqual(RefoldOutcome.Differs, outcome);
            if (outcome == RefoldOutcome.Equal) equal++;
            await Task.Yield();
        }

        await writing;
        await log.FollowAsync(10_000);
        Assert.True(equal > 0, $"None of {checks} checks could compare.");
        for (var i = 0; i < 5; i++) Assert.Equal(RefoldOutcome.Equal, await CheckAsync(log, $"k{i}", 10_000));
    }

    private static Task<AccountLog> StartAsync(IModelStore? models = null) =>
        new AccountLog(models: models).InitializeAsync();

    private static ValueTask<RefoldOutcome> CheckAsync(AccountLog log, string key, int eventsMax = 10) =>
        new ModelRefold(log.Build, log.Store, log.Models, log.StoreId, eventsMax).CheckAsync(key, Token);

    // As a worker does that passes over the events of parked streams.
    private static async Task MoveCheckpointAsync(AccountLog log, LogPosition to)
    {
        var models = log.Models;
        var found = (await models.ReadCheckpointsAsync(Token)).Single();
        var move = new CheckpointAdvance(log.Build.Reader, default, found.Position, to.Position, found.Epoch);
        var commit = new ModelCommit { Advance = new ModelAdvance(move, log.StoreId, Uuid7.New(TimeProvider.System)) };
        Assert.Equal(ModelCommitOutcome.Committed, await models.CommitAsync(commit, Token));
    }
}
