using System.Globalization;
using System.Text;
using Granary.Storage.AzureStorage;
using Microsoft.Extensions.Time.Testing;

namespace Granary.Tests.Conformance.Azure;

/// <summary>A commit of models counts as a whole, wherever its process ends and whichever answers are lost.</summary>
public sealed class AzureModelFaultTests : AzureTest
{
    private const int Rows = 150;

    private static readonly ModelTable Orders = new("orders", new ModelColumn("amount", ModelColumnKind.Integer));
    private static readonly ModelTable Totals = new("totals");

    // More than a row holds.
    private static readonly string Large = new('l', ModelContent.InlineMax);

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

    private async Task<AzureModelStore> OpenModelsAsync(
        Requests? requests = null, int retryBudgetMs = 10_000, TimeProvider? time = null)
    {
        var models = new AzureModelStore(await OpenAsync(requests, retryBudgetMs, time));
        await models.InitializeAsync(Token);
        return models;
    }

    private static async Task CreateAsync(AzureModelStore models)
    {
        await models.CreateTableAsync(Orders, Token);
        await models.CreateTableAsync(Totals, Token);
    }

    // Row a has the number of the commit, row b is there after every other one, row c of another table is large.
    private async Task<ModelCommit> NextAsync(AzureModelStore models, long at)
    {
        var there = (await models.ReadAsync(Orders, ["a", "b"], Token)).ToDictionary(static one => one.Key);
        var total = (await models.ReadAsync(Totals, ["c"], Token)).SingleOrDefault();
        var b = there.GetValueOrDefault("b");
        return new ModelCommit(
            ModelWrite.Put(Orders, "a", there.GetValueOrDefault("a"), Number(at + 1), [at + 1]),
            b is null ? ModelWrite.Put(Orders, "b", null, Number(at + 1), [at + 1]) : ModelWrite.Delete(Orders, b),
            ModelWrite.Put(Totals, "c", total, Encoding.UTF8.GetBytes($"\"{at + 1} {Large}\""), []))
        {
            Advance = Move(at),
        };
    }

    // One of the rows of an attempt that is ended: the others are still locked.
    private static async Task RewriteAsync(AzureModelStore models)
    {
        if ((await models.ReadAsync(Orders, ["a"], Token)).SingleOrDefault() is not { } row) return;
        var commit = new ModelCommit(ModelWrite.Put(Orders, "a", row, row.Document, [NumberOf(row)]));
        Assert.Equal(ModelCommitOutcome.Committed, await models.CommitAsync(commit, Token));
    }

    private static async Task AssertStateAsync(AzureModelStore models, long at)
    {
        var rows = (await models.QueryAsync(
            new ModelQuery(Orders) { OrderBy = Orders.Columns[0] }, Token)).Rows.ToDictionary(static one => one.Key);
        var totals = (await models.QueryAsync(new ModelQuery(Totals), Token)).Rows;
        Assert.Equal(at == 0 ? 0 : 1, totals.Count);
        Assert.Equal(at, rows.TryGetValue("a", out var a) ? NumberOf(a) : 0);
        Assert.Equal(at % 2 == 1, rows.ContainsKey("b"));
        if (at > 0)
            Assert.Equal($"\"{at} {Large}\"", Encoding.UTF8.GetString(totals[0].Document.Span));
    }

    private static ModelAdvance Move(long at) =>
        new(new CheckpointAdvance("reader", default, new(at), new(at + 1), 0), Guid.Empty, Guid.Empty);

    private static byte[] Number(long number) =>
        Encoding.UTF8.GetBytes(number.ToString(CultureInfo.InvariantCulture));

    private static long NumberOf(ModelRow row) =>
        long.Parse(Encoding.UTF8.GetString(row.Document.Span), CultureInfo.InvariantCulture);

    /// <summary>Time that passes as fast as somebody waits for it.</summary>
    private sealed class PassingTime : FakeTimeProvider
    {
        public PassingTime() => SetUtcNow(Noon);

        public override ITimer CreateTimer(
            TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = base.CreateTimer(callback, state, dueTime, period);
            if (dueTime > TimeSpan.Zero && dueTime != Timeout.InfiniteTimeSpan) Task.Run(() => Advance(dueTime));
            return timer;
        }
    }
}
