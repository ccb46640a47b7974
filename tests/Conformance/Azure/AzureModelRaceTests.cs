using System.Text;
using Azure.Data.Tables;
using Granary.Storage.AzureStorage;

namespace Granary.Tests.Conformance.Azure;

/// <summary>What two processes do to the same models at once: the second one acts between two requests.</summary>
public sealed class AzureModelRaceTests : AzureModelTest
{
    private static readonly ModelColumn Amount = Orders.Columns[0];

    [Fact]
    public async Task Of_two_owners_one_commits_and_the_other_is_overtaken_wherever_they_meet()
    {
        var other = await OpenModelsAsync(time: new PassingTime());
        await CreateAsync(other);
        var at = 0L;
        for (var meeting = 1; ; meeting++, at++)
        {
            var (mine, theirs) = (await NextAsync(other, at), await NextAsync(other, at));
            var answer = default(ModelCommitOutcome?);
            var models = await OpenMeetingAsync(
                meeting, async () => answer = await other.CommitAsync(theirs, Token), new PassingTime());

            var own = await models.CommitAsync(mine, Token);

            await AssertStateAsync(other, at + 1);
            if (answer is null) break;
            Assert.Equal(
                [ModelCommitOutcome.Committed, ModelCommitOutcome.Overtaken],
                new[] { own, answer.Value }.Order());
        }

        Assert.InRange(at, 10, 60);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public async Task A_table_that_is_dropped_beside_a_commit_leaves_no_checkpoint_ahead_of_its_rows(
        bool isBuiltAnew, bool isRemembered)
    {
        var other = await OpenModelsAsync(time: new PassingTime());
        var met = true;
        for (var meeting = 1; met; meeting++)
        {
            await other.CreateTableAsync(Orders, Token);
            met = false;
            var models = await OpenMeetingAsync(
                meeting,
                async () =>
                {
                    met = true;
                    await DropAsync(other);
                    if (isBuiltAnew) await other.CreateTableAsync(Orders, Token);
                },
                new PassingTime(),
                isRemembered);
            var commit = new ModelCommit(ModelWrite.Put(Orders, "a", null, Number(1), [1L])) { Advance = Move(0) };
            try
            {
                Assert.Equal(ModelCommitOutcome.Committed, await models.CommitAsync(commit, Token));
            }
            catch (StoreSchemaException) when (!isBuiltAnew)
            {
                // It was dropped before the commit counted.
            }

            var there = await other.ReadCheckpointAsync("reader", default, Token);
            if (isBuiltAnew || !met)
                Assert.Equal(there is null ? 0 : 1, (await other.ReadAsync(Orders, ["a"], Token)).Count);
            else
                Assert.Null(there);
            await DropAsync(other);
            Assert.Equal(0, await CountLeftAsync());
        }
    }

    [Fact]
    public async Task A_table_that_is_created_after_a_drop_that_ended_midway_is_not_behind_its_checkpoint()
    {
        var other = await OpenModelsAsync(time: new PassingTime());
        var isWhole = false;
        for (var last = 1; !isWhole; last++)
        {
            await other.CreateTableAsync(Orders, Token);
            var (requests, met) = (new Requests(), false);
            var models = await OpenModelsAsync(requests, time: new PassingTime());
            requests.Restart();

            // The first transaction has locked the row; this one decides.
            requests.Before = async (request, _) =>
            {
                if (met || requests.Transactions < 1 || !IsTransaction(request)) return;
                met = true;
                isWhole = await DropMidwayAsync(last);
                await other.CreateTableAsync(Orders, Token);
            };
            var commit = new ModelCommit(ModelWrite.Put(Orders, "a", null, Number(1), [1L])) { Advance = Move(0) };

            Assert.Equal(ModelCommitOutcome.Committed, await models.CommitAsync(commit, Token));

            Assert.Equal(1, (await other.ReadCheckpointAsync("reader", default, Token))?.Position.Value);
            Assert.Single(await other.ReadAsync(Orders, ["a"], Token));
            await DropAsync(other);
        }
    }

    [Fact]
    public async Task An_owner_that_is_overtaken_is_told_so_though_its_table_is_dropped()
    {
        var models = await OpenModelsAsync();
        await models.CreateTableAsync(Orders, Token);
        var commit = new ModelCommit(ModelWrite.Put(Orders, "a", null, Number(1), [1L])) { Advance = Move(0) };
        var late = new ModelCommit(ModelWrite.Put(Orders, "b", null, Number(1), [1L])) { Advance = Move(0) };
        await models.CommitAsync(commit, Token);
        await models.DropTableAsync(Orders.Name, Token);

        Assert.Equal(ModelCommitOutcome.Committed, await models.CommitAsync(commit, Token));
        Assert.Equal(ModelCommitOutcome.Overtaken, await models.CommitAsync(late, Token));
    }

    [Fact]
    public async Task A_table_that_is_dropped_leaves_nothing_whichever_answer_is_lost()
    {
        var other = await OpenModelsAsync();
        var requests = new Requests();
        var models = await OpenModelsAsync(requests, time: new PassingTime());
        for (var lost = 1; ; lost++)
        {
            await CreateAsync(other);
            var totals = ModelWrite.Put(Totals, "c", null, Encoding.UTF8.GetBytes($"\"{Large}\""), []);
            await other.CommitAsync(new ModelCommit(totals) { View = new ModelView("shown", Totals) }, Token);
            requests.Restart();
            requests.Lost.Clear();
            requests.Lost.Add(lost);

            await models.DropTableAsync(Totals.Name, Token);

            Assert.Equal(0, await CountLeftAsync());

            // No view has the name any more.
            await other.CreateTableAsync(new ModelTable("shown"), Token);
            await other.DropTableAsync("shown", Token);
            if (requests.All < lost) break;
        }
    }

    [Fact]
    public async Task A_page_is_in_its_order_whatever_is_written_while_it_is_read()
    {
        var other = await OpenModelsAsync();
        await other.CreateTableAsync(Orders, Token);
        var met = true;
        for (var meeting = 1; met; meeting++)
        {
            await WriteAsync(other, ("a", 1), ("b", 2), ("c", 3), ("d", 4), ("e", 5), ("f", 6));
            met = false;
            var models = await OpenMeetingAsync(
                meeting,
                async () =>
                {
                    met = true;
                    await WriteAsync(other, ("a", 4), ("b", 9), ("f", 0));
                });
            var query = new ModelQuery(Orders) { OrderBy = Amount, Limit = 4 };

            var page = await models.QueryAsync(query, Token);
            var next = await models.QueryAsync(query with { After = page.Next }, Token);

            var numbers = page.Rows.Concat(next.Rows).Select(NumberOf).ToArray();
            Assert.Equal(numbers.Order(), numbers);
            string[] keys = [.. page.Rows.Concat(next.Rows).Select(static one => one.Key)];
            Assert.Superset(new HashSet<string> { "a", "b", "c", "d", "e" }, keys.ToHashSet());
        }
    }

    [Fact]
    public async Task A_large_document_is_read_however_often_it_is_written_meanwhile()
    {
        var other = await OpenModelsAsync();
        await CreateAsync(other);
        var left = 8;
        await other.CommitAsync(await NextAsync(other, 0), Token);
        var requests = new Requests();
        var models = await OpenModelsAsync(requests);
        requests.Before = async (request, _) =>
        {
            if (request.RequestUri!.AbsolutePath.Contains("models", StringComparison.Ordinal) && --left > 0)
                await other.CommitAsync(await NextAsync(other, 8 - left), Token);
        };

        var row = Assert.Single(await models.ReadAsync(Totals, ["c"], Token));

        Assert.StartsWith("\"8 ", Encoding.UTF8.GetString(row.Document.Span));
    }

    [Fact]
    public async Task Rows_of_a_process_that_has_ended_after_the_decision_cost_their_readers_one_request()
    {
        const int rows = 150;
        var other = await OpenModelsAsync();
        await other.CreateTableAsync(Orders, Token);
        await other.CommitAsync(Commit("b", 0), Token);
        ModelCommit Commit(string prefix, long at) => new(
            Enumerable.Range(0, rows).Select(
                one => ModelWrite.Put(Orders, $"{prefix}{one:d3}", null, Number(one), [(long)one])).ToArray())
            {
                Advance = Move(at),
            };
        var requests = new Requests();
        var models = await OpenModelsAsync(requests, retryBudgetMs: 1);
        requests.Restart();

        // Two transactions lock the rows, the third one decides. The process ends then.
        requests.Before = (_, number) =>
        {
            if (requests.Transactions == 3) requests.Last ??= number - 1;
            return Task.CompletedTask;
        };
        await models.CommitAsync(Commit("c", 1), Token);

        var reading = new Requests();
        var reader = await OpenModelsAsync(reading);
        reading.Restart();
        var query = new ModelQuery(Orders)
        {
            Conditions = [new(null, ModelComparison.GreaterOrEqual, "c")], Limit = GranaryLimits.PageSizeMax,
        };
        Assert.Equal(rows, (await reader.QueryAsync(query, Token)).Rows.Count);

        // The table, the rows in one page or two, the decision.
        Assert.InRange(reading.All, 3, 4);
    }

    /// <summary>Opens a store that lets another act before one of its requests, by its number from 1.</summary>
    private async Task<AzureModelStore> OpenMeetingAsync(
        int meeting, Func<Task> act, TimeProvider? time = null, bool remembersTable = false)
    {
        var requests = new Requests();
        var models = await OpenModelsAsync(requests, time: time);
        if (remembersTable) await models.ReadAsync(Orders, ["a"], Token);
        requests.Restart();
        requests.Before = (_, number) => number == meeting ? act() : Task.CompletedTask;
        return models;
    }

    private static bool IsTransaction(HttpRequestMessage request) =>
        request.RequestUri!.AbsolutePath.EndsWith("/$batch", StringComparison.Ordinal);

    /// <summary>Drops the table in a process that ends with one of its requests, by its number from 1.</summary>
    /// <returns>Whether it is dropped before.</returns>
    private async Task<bool> DropMidwayAsync(int last)
    {
        var requests = new Requests();
        var models = await OpenModelsAsync(requests, retryBudgetMs: 1);
        requests.Restart();
        requests.Last = last;
        try
        {
            await models.DropTableAsync(Orders.Name, Token);
            return requests.All <= last;
        }
        catch (StoreUnavailableException)
        {
            return false;
        }
    }

    private static async Task WriteAsync(AzureModelStore models, params (string Key, long Number)[] some)
    {
        var there = (await models.ReadAsync(Orders, [.. some.Select(static one => one.Key)], Token))
            .ToDictionary(static one => one.Key);
        var writes = some.Select(one => ModelWrite.Put(
            Orders, one.Key, there.GetValueOrDefault(one.Key), Number(one.Number), [one.Number])).ToArray();
        Assert.Equal(ModelCommitOutcome.Committed, await models.CommitAsync(new ModelCommit(writes), Token));
    }

    private static async Task DropAsync(AzureModelStore models)
    {
        await models.DropTableAsync(Orders.Name, Token);
        await models.DeleteCheckpointsAsync("reader", Token);
    }

    /// <summary>How many rows there are of tables that are not there any more.</summary>
    private async Task<int> CountLeftAsync()
    {
        var table = new TableServiceClient(AzuriteServer.ConnectionString).GetTableClient(Data.Options.Name);
        var left = table.QueryAsync<TableEntity>(
            $"PartitionKey eq '{ModelKeys.Dropped}' "
                + "or (PartitionKey gt 'model-rows-' and PartitionKey lt 'model-rows.')",
            cancellationToken: Token);
        var count = 0;
        await foreach (var _ in left) count++;
        return count;
    }
}
