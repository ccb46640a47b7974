using Granary.Runtime;
using Granary.Tests.Unit.Following;
using Microsoft.Extensions.Logging.Abstractions;

namespace Granary.Tests.Unit.Deliveries;

/// <summary>
/// Two calls create or delete one subscription at the same time, as where two silos both believe that they have its
/// grain: the one is held before each of its commits, until the other has finished.
/// </summary>
public sealed class SubscriptionRaceTests
{
    private const string Name = "mailer";
    private const int PartitionCount = 2;

    private readonly MemoryModelStore _models = new();
    private readonly MemoryEventStore _events = new(PartitionCount, new MemorySnapshotStore());
    private readonly RushingTime _time = new();

    public enum Call
    {
        Create,
        Delete,
        Finish,
    }

    private static CancellationToken Token => FollowedLog.Token;

    [Theory]
    [InlineData(Call.Create, null)]
    [InlineData(Call.Create, (int)SubscriptionState.Creating)]
    [InlineData(Call.Create, (int)SubscriptionState.Deleting)]
    [InlineData(Call.Delete, (int)SubscriptionState.Active)]
    [InlineData(Call.Delete, (int)SubscriptionState.Creating)]
    [InlineData(Call.Finish, (int)SubscriptionState.Deleting)]
    public async Task A_call_that_was_overtaken_changes_nothing_of_the_subscription_that_the_other_has_created(
        Call call, int? before)
    {
        var held = 0;
        while (await RunAsync(call, (SubscriptionState?)before, held)) held++;
        Assert.InRange(held, 3, 100);
    }

    [Fact]
    public async Task What_is_left_of_a_creation_that_was_cut_off_is_deleted_and_a_subscription_in_use_is_left()
    {
        await StartAsync(SubscriptionState.Creating);
        Assert.True(await StepsOf(_models).FinishAsync(Token));
        Assert.Equal("", await DescribeAsync());
        Assert.True(await StepsOf(_models).CreateAsync(new SubscriptionSettings(), Token));
        Assert.False(await StepsOf(_models).FinishAsync(Token));
        Assert.NotEqual("", await DescribeAsync());
    }

    // Whether the call had so many commits that one was held.
    private async Task<bool> RunAsync(Call call, SubscriptionState? before, int commits)
    {
        await StartAsync(before);
        var (hangs, goesOn, count) = (new TaskCompletionSource(), new TaskCompletionSource(), 0);
        var models = new LossyModels(_models)
        {
            OnCommit = async _ =>
            {
                if (count++ != commits) return;
                hangs.SetResult();
                await goesOn.Task;
            },
        };
        var running = RunAsync(StepsOf(models), call);
        if (await Task.WhenAny(running, hangs.Task).WaitAsync(FollowedLog.Patience, Token) == running) return false;

        await StepsOf(_models).DeleteAsync(Token);
        Assert.True(await StepsOf(_models).CreateAsync(new SubscriptionSettings { StartsAtEnd = true }, Token));
        await UseAsync();
        var created = await DescribeAsync();
        goesOn.SetResult();
        await Assert.ThrowsAsync<StoreUnavailableException>(() => running);
        Assert.Equal(created, await DescribeAsync());
        return true;
    }

    private static Task RunAsync(SubscriptionSteps steps, Call call) => call switch
    {
        Call.Create => steps.CreateAsync(new SubscriptionSettings(), Token),
        Call.Delete => steps.DeleteAsync(Token),
        _ => steps.FinishAsync(Token),
    };

    // The name as an earlier call has left it, with rows of every kind.
    private async Task StartAsync(SubscriptionState? state)
    {
        await _events.InitializeAsync(Token);
        foreach (var table in new[]
        {
            DeliveryTables.Subscriptions, DeliveryTables.Deliveries, DeliveryTables.Owners, ReaderTables.Readers,
            ReaderTables.Parked, ReaderTables.Begun,
        })
            await _models.CreateTableAsync(table, Token);
        await StepsOf(_models).DeleteAsync(Token);
        if (state is null) return;
        await StepsOf(_models).CreateAsync(new SubscriptionSettings(), Token);
        await UseAsync();
        var claim = await SubscriptionClaim.ReadAsync(_models, Name, Token);
        await claim.ReplaceAsync(claim.Document! with { State = state.Value }, Token);
    }

    private async Task UseAsync()
    {
        var parked = new ParkedDocument(Name, "test", "s", 0, 1, 1, "t", "", default, 1);
        await _models.CommitAsync(new ModelCommit(ParkedRow.Put(parked, null)), Token);
        await _models.CommitAsync(
            new ModelCommit(ModelWrite.Put(
                DeliveryTables.Deliveries, $"{Name}/0/1", null, "{}"u8.ToArray(), [Name, 0L])),
            Token);
        await new ReaderSettings(_models).ChangeAsync(Name, static one => one with { Paused = true }, Token);
    }

    private async Task<string> DescribeAsync()
    {
        var all = new List<string>();
        foreach (var table in new[]
        {
            DeliveryTables.Subscriptions, DeliveryTables.Deliveries, DeliveryTables.Owners, ReaderTables.Readers,
            ReaderTables.Parked,
        })
        {
            var page = await _models.QueryAsync(new ModelQuery(table), Token);
            all.AddRange(page.Rows.Select(one => $"{table.Name} {one.Key} {one.Revision}"));
        }

        all.AddRange((await _models.ReadCheckpointsAsync(Token)).Select(static one => $"{one}"));
        return string.Join('\n', all.Order(StringComparer.Ordinal));
    }

    private SubscriptionSteps StepsOf(IModelStore models) => new(
        Name, PartitionCount,
        new WorkerServices(
            _events, models, null, new Guid(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11), _time, NullLogger.Instance))
    {
        IsOfOther = static _ => ValueTask.FromResult(false),
        IsInUse = static _ => ValueTask.FromResult(false),
        EndWorkers = static () => Task.CompletedTask,
    };
}
