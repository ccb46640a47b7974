using System.Globalization;
using System.Text;
using Granary.Storage.AzureStorage;
using Microsoft.Extensions.Time.Testing;

namespace Granary.Tests.Conformance.Azure;

/// <summary>A test of the models in Azure tables: commits that number their rows and their checkpoint alike.</summary>
public abstract class AzureModelTest : AzureTest
{
    private protected static ModelTable Orders { get; } =
        new("orders", new ModelColumn("amount", ModelColumnKind.Integer));

    private protected static ModelTable Totals { get; } = new("totals");

    // More than a row holds.
    private protected static readonly string Large = new('l', ModelContent.InlineMax);

    private protected async Task<AzureModelStore> OpenModelsAsync(
        Requests? requests = null, int retryBudgetMs = 10_000, TimeProvider? time = null)
    {
        var models = new AzureModelStore(await OpenAsync(requests, retryBudgetMs, time));
        await models.InitializeAsync(Token);
        return models;
    }

    private protected static async Task CreateAsync(AzureModelStore models)
    {
        await models.CreateTableAsync(Orders, Token);
        await models.CreateTableAsync(Totals, Token);
    }

    // Row a has the number of the commit, row b is there after every other one, row c of another table is large.
    private protected async Task<ModelCommit> NextAsync(AzureModelStore models, long at)
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

    private protected static async Task AssertStateAsync(AzureModelStore models, long at)
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

    private protected static ModelAdvance Move(long at) =>
        new(new CheckpointAdvance("reader", default, new(at), new(at + 1), 0), Guid.Empty, Guid.Empty);

    private protected static byte[] Number(long number) =>
        Encoding.UTF8.GetBytes(number.ToString(CultureInfo.InvariantCulture));

    private protected static long NumberOf(ModelRow row) =>
        long.Parse(Encoding.UTF8.GetString(row.Document.Span), CultureInfo.InvariantCulture);

    /// <summary>Time that passes as fast as somebody waits for it.</summary>
    private protected sealed class PassingTime : FakeTimeProvider
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
