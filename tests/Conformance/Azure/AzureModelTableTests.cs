using Granary.Storage.AzureStorage;

namespace Granary.Tests.Conformance.Azure;

/// <summary>A table is looked for once, and a process notices that another one has dropped it all the same.</summary>
public sealed class AzureModelTableTests : AzureModelTest
{
    [Fact]
    public async Task A_table_is_looked_for_the_first_time_and_where_nothing_is_found()
    {
        var requests = new Requests();
        var models = await OpenModelsAsync(requests);
        await CreateAsync(models);
        await WriteAsync(models, "a", 1);
        requests.Restart();

        Assert.Single(await models.ReadAsync(Orders, ["a"], Token));
        Assert.Equal(1, requests.All);
        Assert.Single((await models.QueryAsync(new ModelQuery(Orders), Token)).Rows);
        Assert.Equal(2, requests.All);
        Assert.Empty(await models.ReadAsync(Orders, ["b"], Token));
        Assert.Equal(4, requests.All);
        Assert.Empty((await models.QueryAsync(new ModelQuery(Totals), Token)).Rows);
        Assert.Equal(6, requests.All);
    }

    [Fact]
    public async Task A_commit_looks_for_its_tables_while_its_rows_are_locked_and_not_before()
    {
        var requests = new Requests();
        var models = await OpenModelsAsync(requests);
        await CreateAsync(models);
        await WriteAsync(models, "a", 1);
        requests.Restart();

        await WriteAsync(models, "b", 2, at: 1);

        // The checkpoint, the lock, the table, the decision, the row; the decision is forgotten.
        Assert.Equal(6, requests.All);
    }

    [Fact]
    public async Task A_table_that_another_process_has_dropped_is_gone()
    {
        var (models, other) = await OpenBothAsync();
        var row = Assert.Single(await models.ReadAsync(Orders, ["a"], Token));
        await other.DropTableAsync(Orders.Name, Token);

        await IsGoneAsync(() => models.ReadAsync(Orders, ["a"], Token));
        await RememberAsync(models, other);
        await IsGoneAsync(() => models.QueryAsync(new ModelQuery(Orders), Token));
        foreach (var write in (ModelWrite[])
            [ModelWrite.Put(Orders, "a", row, Number(2), [2L]), ModelWrite.Put(Orders, "b", null, Number(2), [2L]),
                ModelWrite.Delete(Orders, row)])
        {
            await RememberAsync(models, other);
            await IsGoneAsync(() => models.CommitAsync(new ModelCommit(write), Token));
            await RememberAsync(models, other);
            await IsGoneAsync(() => models.CommitAsync(new ModelCommit(write) { Advance = Move(1) }, Token));
        }

        Assert.Equal(1, (await models.ReadCheckpointAsync("reader", default, Token))!.Position.Value);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_table_that_another_process_has_built_anew_is_the_one_that_is_read_and_written(bool isLost)
    {
        var (models, other) = await OpenBothAsync();
        var old = Assert.Single(await models.ReadAsync(Orders, ["a"], Token));
        if (isLost) await DropHalfAsync(models);
        else await other.DropTableAsync(Orders.Name, Token);
        await other.CreateTableAsync(Orders, Token);

        Assert.Empty(await models.ReadAsync(Orders, ["a"], Token));
        await RememberAsync(models, other);
        await other.CreateTableAsync(Orders, Token);
        await WriteAsync(other, "c", 3, at: 1);
        Assert.Equal(3, NumberOf(Assert.Single(await models.ReadAsync(Orders, ["c"], Token))));
        await RememberAsync(models, other);
        await other.CreateTableAsync(Orders, Token);
        Assert.Equal(
            ModelCommitOutcome.RowsChanged,
            await models.CommitAsync(new ModelCommit(ModelWrite.Put(Orders, "a", old, Number(4), [4L])), Token));
        await RememberAsync(models, other);
        await other.CreateTableAsync(Orders, Token);
        await WriteAsync(models, "d", 4, at: 2);
        Assert.Equal(4, NumberOf(Assert.Single((await other.QueryAsync(new ModelQuery(Orders), Token)).Rows)));
    }

    [Fact]
    public async Task A_table_that_another_process_has_built_anew_with_other_columns_is_not_taken_for_the_old_one()
    {
        var (models, other) = await OpenBothAsync();
        await other.DropTableAsync(Orders.Name, Token);
        await other.CreateTableAsync(new ModelTable(Orders.Name), Token);

        await IsGoneAsync(() => models.ReadAsync(Orders, ["a"], Token));
    }

    // The first process remembers the table, in which row a is.
    private async Task<(AzureModelStore Models, AzureModelStore Other)> OpenBothAsync()
    {
        var (models, other) = (await OpenModelsAsync(), await OpenModelsAsync());
        await CreateAsync(models);
        await WriteAsync(models, "a", 1);
        return (models, other);
    }

    // The first process finds the table once more, and the other one drops it then.
    private static async Task RememberAsync(AzureModelStore models, AzureModelStore other)
    {
        await other.CreateTableAsync(Orders, Token);
        await models.QueryAsync(new ModelQuery(Orders), Token);
        await other.DropTableAsync(Orders.Name, Token);
    }

    // The process ends when the definition is deleted, before the rows are.
    private async Task DropHalfAsync(AzureModelStore models)
    {
        var requests = new Requests();
        var dropping = await OpenModelsAsync(requests, retryBudgetMs: 1);
        requests.Restart();
        requests.OnSent = _ =>
        {
            requests.Last = requests.All;
            return Task.CompletedTask;
        };
        await Assert.ThrowsAnyAsync<GranaryException>(() => dropping.DropTableAsync(Orders.Name, Token).AsTask());
        Assert.Single(await models.ReadAsync(Orders, ["a"], Token));
    }

    private static async Task WriteAsync(AzureModelStore models, string key, long number, long at = 0)
    {
        var write = ModelWrite.Put(Orders, key, null, Number(number), [number]);
        Assert.Equal(
            ModelCommitOutcome.Committed,
            await models.CommitAsync(new ModelCommit(write) { Advance = Move(at) }, Token));
    }

    private static Task IsGoneAsync<T>(Func<ValueTask<T>> call) =>
        Assert.ThrowsAsync<StoreSchemaException>(() => call().AsTask());
}
