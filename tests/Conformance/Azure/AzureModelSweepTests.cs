using System.Text;
using Azure.Data.Tables;
using Granary.Storage.AzureStorage;

namespace Granary.Tests.Conformance.Azure;

/// <summary>What commits of models leave where their processes end is deleted, and nothing that is needed.</summary>
public sealed class AzureModelSweepTests : AzureModelTest
{
    private static readonly TimeSpan AnyAge = -TimeSpan.FromHours(1);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task No_decision_is_left_wherever_a_process_ends_and_its_commit_stays_as_it_was(bool movesCheckpoint)
    {
        var other = await OpenModelsAsync(time: new PassingTime());
        await CreateAsync(other);
        var (all, left) = (false, 0);
        for (var last = 0; !all; last++)
        {
            var at = await NumberNowAsync(other);
            var requests = new Requests();
            var models = await OpenModelsAsync(requests, retryBudgetMs: 1);
            var commit = await NextOfAsync(other, at, movesCheckpoint);
            requests.Restart();
            requests.Last = last;
            try
            {
                await models.CommitAsync(commit, Token);
                all = requests.All <= last;
            }
            catch (StoreUnavailableException)
            {
                // The process has ended.
            }

            var now = await NumberNowAsync(other);
            Assert.Contains(now, (long[])[at, at + 1]);
            left += await CountDecisionsAsync();
            await SweepAsync();

            Assert.Equal(0, await CountDecisionsAsync());
            await AssertNumberAsync(other, now, movesCheckpoint);

            // The next one writes the same rows: those of an attempt that is not decided yet are still locked.
            Assert.Equal(
                ModelCommitOutcome.Committed,
                await other.CommitAsync(await NextOfAsync(other, now, movesCheckpoint), Token));
            await AssertNumberAsync(other, now + 1, movesCheckpoint);
        }

        Assert.InRange(left, 5, 500);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_commit_that_others_have_ended_never_counts_though_nothing_tells_of_it_any_more(
        bool movesCheckpoint)
    {
        var other = await OpenModelsAsync(time: new PassingTime());
        await CreateAsync(other);
        var (requests, decision) = (new Requests(), movesCheckpoint ? 4 : 5);
        var models = await OpenModelsAsync(requests, retryBudgetMs: 1);
        var commit = await NextOfAsync(other, 0, movesCheckpoint);
        requests.Restart();
        requests.FateOf = number =>
        {
            // The process ends with this one.
            if (number < decision) return Fate.Sent;
            requests.Last = requests.All;
            return Fate.HeldBack;
        };
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await models.CommitAsync(commit, Token));
        await other.CommitAsync(new ModelCommit(ModelWrite.Put(Orders, "a", null, Number(7), [7L])), Token);
        await other.CommitAsync(
            new ModelCommit(ModelWrite.Put(Totals, "c", null, Encoding.UTF8.GetBytes("\"other\""), [])), Token);
        Assert.InRange(await CountDecisionsAsync(), 1, 2);
        await SweepAsync();
        Assert.Equal(0, await CountDecisionsAsync());

        var answer = Assert.Single(await requests.ReleaseAsync());

        Assert.True(answer.Contains("HTTP/1.1 4"), answer);
        Assert.Equal(0, await CountDecisionsAsync());
        Assert.Null(await other.ReadCheckpointAsync("reader", default, Token));
        Assert.Equal(7, NumberOf(Assert.Single(await other.ReadAsync(Orders, ["a"], Token))));
    }

    // A pass over more tables than a call looks at: the lock is in the last one.
    [Fact]
    public async Task A_decision_stays_until_every_row_was_looked_at_however_often_the_process_restarts()
    {
        var other = await OpenModelsAsync();
        ModelTable[] tables = [.. Enumerable.Range(0, 20).Select(static at => new ModelTable($"table{at:d2}"))];
        foreach (var one in tables)
        {
            await other.CreateTableAsync(one, Token);
            await other.CommitAsync(new ModelCommit(ModelWrite.Put(one, "a", null, Number(1), [])), Token);
        }

        var requests = new Requests();
        var models = await OpenModelsAsync(requests, retryBudgetMs: 1);
        var there = (await other.ReadAsync(tables[^1], ["a"], Token))[0];
        requests.Restart();
        requests.FateOf = number =>
        {
            // The lock, and then the decision.
            if (number == 2) requests.Last = requests.All;
            return Fate.Sent;
        };
        requests.IsLastSent = true;
        await models.CommitAsync(
            new ModelCommit(ModelWrite.Put(tables[^1], "a", there, Number(2), [])) { Advance = Move(0) }, Token);
        Assert.Equal(1, await CountDecisionsAsync());

        await SweepAsync(calls: 1);
        Assert.Equal(1, await CountDecisionsAsync());
        Assert.Equal(2, NumberOf(Assert.Single(await other.ReadAsync(tables[^1], ["a"], Token))));
        await SweepAsync(calls: 1);

        Assert.Equal(0, await CountDecisionsAsync());
        Assert.Equal(2, NumberOf(Assert.Single(await other.ReadAsync(tables[^1], ["a"], Token))));
    }

    [Fact]
    public async Task Rows_that_a_commit_leaves_in_a_table_that_was_dropped_meanwhile_are_deleted_without_another_drop()
    {
        var other = await OpenModelsAsync();
        await CreateAsync(other);
        var requests = new Requests();
        var models = await OpenModelsAsync(requests, retryBudgetMs: 1);
        requests.Restart();
        requests.Before = async (request, number) =>
        {
            if (requests.Last is not null || !IsTransaction(request)) return;
            await other.DropTableAsync(Orders.Name, Token);

            // It locks its row, and ends.
            (requests.Last, requests.IsLastSent) = (number, true);
        };
        var commit = new ModelCommit(ModelWrite.Put(Orders, "a", null, Number(1), [1L])) { Advance = Move(0) };
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await models.CommitAsync(commit, Token));
        await other.CommitAsync(new ModelCommit(ModelWrite.Put(Totals, "c", null, Number(1), [])), Token);
        Assert.Equal(2, await CountAsync("PartitionKey gt 'model-rows-' and PartitionKey lt 'model-rows.'"));

        await SweepAsync();

        Assert.Equal(1, await CountAsync("PartitionKey gt 'model-rows-' and PartitionKey lt 'model-rows.'"));
        Assert.Single(await other.ReadAsync(Totals, ["c"], Token));
    }

    [Fact]
    public async Task A_pass_begins_a_day_after_the_one_before()
    {
        var requests = new Requests();
        var store = await OpenAsync(requests);
        await store.ModelSweep.SweepAsync(ModelSweep.AgeMin, Token);
        requests.Restart();

        await store.ModelSweep.SweepAsync(ModelSweep.AgeMin, Token);

        Assert.Equal(1, requests.All);
    }

    [Fact]
    public async Task Decisions_of_the_last_day_stay()
    {
        var store = await OpenAsync();
        var attempt = NextId();
        await store.Account.TryTransactAsync([ModelDecisions.ToCommit(ModelKeys.Commits, attempt)], Token);

        await store.ModelSweep.SweepAsync(ModelSweep.AgeMin, Token);

        Assert.Equal(1, await CountDecisionsAsync());
    }

    // By processes of their own.
    private async Task SweepAsync(int calls = 3)
    {
        for (var at = 0; at < calls; at++) await (await OpenAsync()).ModelSweep.SweepAsync(AnyAge, Token);
    }

    // Without a checkpoint it is the row that tells.
    private async Task<ModelCommit> NextOfAsync(AzureModelStore models, long at, bool movesCheckpoint) =>
        await NextAsync(models, at) with
        {
            Advance = movesCheckpoint ? Move(at) : null,
            View = new ModelView($"view{at % 2}", Totals),
        };

    private static async Task<long> NumberNowAsync(AzureModelStore models) =>
        (await models.ReadAsync(Orders, ["a"], Token)).SingleOrDefault() is { } row ? NumberOf(row) : 0;

    private static async Task AssertNumberAsync(AzureModelStore models, long at, bool movesCheckpoint)
    {
        await AssertStateAsync(models, at);
        var there = (await models.ReadCheckpointAsync("reader", default, Token))?.Position.Value;
        Assert.Equal(movesCheckpoint && at > 0 ? at : null, there);
    }

    private static bool IsTransaction(HttpRequestMessage request) =>
        request.RequestUri!.AbsolutePath.EndsWith("/$batch", StringComparison.Ordinal);

    private async Task<int> CountDecisionsAsync() =>
        await CountAsync("PartitionKey eq 'model-commits'")
        + await CountAsync(
            "PartitionKey gt 'model-reader-' and PartitionKey lt 'model-reader.' and RowKey ge 'd' and RowKey lt 'e'");

    private async Task<int> CountAsync(string filter)
    {
        var table = new TableServiceClient(AzuriteServer.ConnectionString).GetTableClient(Data.Options.Name);
        var count = 0;
        await foreach (var _ in table.QueryAsync<TableEntity>(filter, cancellationToken: Token)) count++;
        return count;
    }
}
