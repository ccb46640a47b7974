using Granary.Storage.AzureStorage;

namespace Granary.Tests.Conformance.Azure;

/// <summary>A move of a checkpoint that was sent before its reader was deleted does not land after it.</summary>
public sealed class AzureCheckpointTests : AzureModelTest
{
    private static CheckpointAdvance First { get; } = new("reader", new(1), new(0), new(5), 1);

    private static CheckpointAdvance Second { get; } = new("reader", new(1), new(5), new(9), 1);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_move_that_is_held_back_does_not_land_after_the_checkpoint_was_deleted(bool hasMoved)
    {
        var (requests, other) = (new Requests(), new AzureCheckpointStore(await OpenAsync()));
        var store = new AzureCheckpointStore(await OpenAsync(requests, retryBudgetMs: 1));
        if (hasMoved) Assert.True(await other.AdvanceAsync(First, Token));
        requests.Restart();
        requests.Held.Add(2);
        (requests.Last, requests.IsLastSent) = (2, true);
        await Assert.ThrowsAsync<StoreUnavailableException>(
            async () => await store.AdvanceAsync(hasMoved ? Second : First, Token));
        await other.DeleteAsync("reader", Token);

        await requests.ReleaseAsync();

        Assert.Single(requests.HeldBack);
        Assert.Null(await other.ReadAsync("reader", new(1), Token));
        Assert.Empty(await other.ReadAllAsync(Token));
        Assert.False(await other.AdvanceAsync(Second, Token));
        Assert.True(await other.AdvanceAsync(First, Token));
        Assert.Equal(5, Assert.Single(await other.ReadAllAsync(Token)).Position.Value);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task A_commit_of_models_that_is_held_back_does_not_land_after_its_reader_was_deleted(long at)
    {
        var (requests, other) = (new Requests(), await OpenModelsAsync());
        var models = await OpenModelsAsync(requests, retryBudgetMs: 1);
        if (at > 0) await other.CommitAsync(new ModelCommit { Advance = Move(0) }, Token);
        requests.Restart();
        requests.FateOf = _ =>
        {
            requests.Last = requests.All;
            return Fate.HeldBack;
        };
        await Assert.ThrowsAsync<StoreUnavailableException>(
            async () => await models.CommitAsync(new ModelCommit { Advance = Move(at) }, Token));
        await other.DeleteCheckpointsAsync("reader", Token);

        await requests.ReleaseAsync();

        Assert.Single(requests.HeldBack);
        Assert.Null(await other.ReadCheckpointAsync("reader", default, Token));
        Assert.Empty(await other.ReadCheckpointsAsync(Token));
        Assert.Equal(ModelCommitOutcome.Overtaken, await other.CommitAsync(
            new ModelCommit { Advance = Move(1) }, Token));
        Assert.Equal(ModelCommitOutcome.Committed, await other.CommitAsync(
            new ModelCommit { Advance = Move(0) }, Token));
    }
}
