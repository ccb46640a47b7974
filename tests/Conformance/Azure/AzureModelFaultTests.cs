using Granary.Storage.AzureStorage;

namespace Granary.Tests.Conformance.Azure;

/// <summary>A commit of models counts as a whole, wherever its process ends and whichever answers are lost.</summary>
public sealed class AzureModelFaultTests : AzureModelTest
{
    private const int Rows = 150;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_process_that_ends_at_any_request_leaves_all_of_its_commit_or_nothing(bool isLastSent)
    {
        var other = await OpenModelsAsync(time: new PassingTime());
        await CreateAsync(other);
        var (begun, all) = (0L, false);
        for (var last = 0; !all; last++)
        {
            var requests = new Requests();
            var models = await OpenModelsAsync(requests, retryBudgetMs: 1);
            var commit = await NextAsync(other, begun);
            requests.Restart();
            (requests.Last, requests.IsLastSent) = (last, isLastSent);
            try
            {
                await models.CommitAsync(commit, Token);
                all = requests.All <= last;
            }
            catch (StoreUnavailableException)
            {
                // The process has ended.
            }

            var now = (await other.ReadCheckpointAsync("reader", default, Token))?.Position.Value ?? 0;
            Assert.Contains(now, (long[])[begun, begun + 1]);
            await AssertStateAsync(other, now);
            await RewriteAsync(other);
            await AssertStateAsync(other, now);

            // Another process goes on at once, or when it has ended the attempt.
            Assert.Equal(ModelCommitOutcome.Committed, await other.CommitAsync(await NextAsync(other, now), Token));
            await AssertStateAsync(other, now + 1);
            begun = now + 1;
        }

        Assert.InRange(begun, 10, 100);
    }

    [Fact]
    public async Task A_commit_lands_once_whichever_answer_is_lost()
    {
        var other = await OpenModelsAsync();
        await CreateAsync(other);
        var requests = new Requests();
        var models = await OpenModelsAsync(requests, time: new PassingTime());
        var at = 0L;
        for (var lost = 1; ; lost++, at++)
        {
            var commit = await NextAsync(other, at);
            requests.Restart();
            requests.Lost.Clear();
            requests.Lost.Add(lost);

            Assert.Equal(ModelCommitOutcome.Committed, await models.CommitAsync(commit, Token));
            await AssertStateAsync(other, at + 1);
            if (requests.All < lost) break;
        }

        Assert.InRange(at, 8, 100);
    }

    [Fact]
    public async Task A_commit_of_many_new_rows_gets_on_while_the_service_is_busy()
    {
        var requests = new Requests();
        var models = await OpenModelsAsync(requests, time: new PassingTime());
        await models.CreateTableAsync(Orders, Token);
        requests.FateOf = static number => number % 2 == 1 ? Fate.Busy : Fate.Sent;
        requests.Restart();
        ModelWrite[] writes =
            [.. Enumerable.Range(0, 450).Select(static at => ModelWrite.Put(Orders, $"{at}", null, Number(1), [1L]))];

        Assert.Equal(ModelCommitOutcome.Committed, await models.CommitAsync(new ModelCommit(writes), Token));

        // Five that lock, one that decides, five that unlock; each may be sent twice.
        Assert.InRange(requests.Transactions, 11, 22);
    }

    [Fact]
    public async Task A_reader_sees_no_checkpoint_that_is_ahead_of_its_rows()
    {
        var (writer, reader) = (await OpenModelsAsync(), await OpenModelsAsync());
        await writer.CreateTableAsync(Orders, Token);
        var keys = Enumerable.Range(0, Rows).Select(static at => $"{at:d3}").ToArray();
        var writing = Task.Run(
            async () =>
            {
                for (var at = 0L; at < 15; at++)
                {
                    var there = (await writer.ReadAsync(Orders, keys, Token)).ToDictionary(static one => one.Key);
                    var writes = keys.Select(key => ModelWrite.Put(
                        Orders, key, there.GetValueOrDefault(key), Number(at + 1), [at + 1])).ToArray();
                    var commit = new ModelCommit(writes) { Advance = Move(at) };
                    Assert.Equal(ModelCommitOutcome.Committed, await writer.CommitAsync(commit, Token));
                }
            },
            Token);
        do
        {
            var seen = (await reader.ReadCheckpointAsync("reader", default, Token))?.Position.Value ?? 0;
            foreach (var rows in new[]
            {
                await reader.ReadAsync(Orders, keys, Token),
                (await reader.QueryAsync(
                    new ModelQuery(Orders) { OrderBy = Orders.Columns[0], Limit = Rows }, Token)).Rows,
            })
            {
                Assert.Equal(seen == 0 ? rows.Count : Rows, rows.Count);
                Assert.All(rows, row => Assert.InRange(NumberOf(row), seen, 15));
            }
        }
        while (!writing.IsCompleted);
        await writing;
    }

    // One of the rows of an attempt that is ended: the others are still locked.
    private static async Task RewriteAsync(AzureModelStore models)
    {
        if ((await models.ReadAsync(Orders, ["a"], Token)).SingleOrDefault() is not { } row) return;
        var commit = new ModelCommit(ModelWrite.Put(Orders, "a", row, row.Document, [NumberOf(row)]));
        Assert.Equal(ModelCommitOutcome.Committed, await models.CommitAsync(commit, Token));
    }
}
