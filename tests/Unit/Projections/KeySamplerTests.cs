using Granary.Runtime;

namespace Granary.Tests.Unit.Projections;

/// <summary>Keys are drawn from all over a table, a row at a time.</summary>
public sealed class KeySamplerTests
{
    private static readonly ModelTable Table = new("sampled");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("one")]
    [InlineData("a", "b", "c", "d")]
    [InlineData("a", "a1", "a11", "a2", "b", "zz")]
    [InlineData("0", "9", "10", "100", "\U0001F600", "\U0001F600x", "\uE000", "é", "e")]
    public async Task Every_key_of_a_small_table_is_drawn(params string[] keys)
    {
        var drawn = await DrawAsync(await FillAsync(keys), 1_000);
        Assert.Equal(keys.ToHashSet(), drawn.ToHashSet());
    }

    [Fact]
    public async Task A_table_without_rows_has_no_key() =>
        Assert.Null(await new KeySampler(await FillAsync([]), Table, new Random(1)).DrawAsync(Token));

    [Theory]
    [InlineData("account-", "D5")]
    [InlineData("", "D")]
    [InlineData("", "x8")]
    public async Task Draws_are_spread_over_a_large_table_and_read_one_row_each(string prefix, string format)
    {
        const int count = 500;
        string[] keys =
        [
            .. Enumerable.Range(0, count).Select(one => prefix + (format == "x8"
                ? unchecked((uint)one * 2_654_435_761).ToString(format, null)
                : one.ToString(format, null))),
        ];
        var models = await FillAsync(keys);
        var drawn = await DrawAsync(models, 2 * count);
        Assert.Equal(1, models.LimitMax);
        Assert.True(drawn.Distinct().Count() > count / 2, $"{drawn.Distinct().Count()} keys were met.");
        var places = keys.Order(StringComparer.Ordinal).ToList();
        for (var tenth = 0; tenth < 10; tenth++)
        {
            var (from, to) = (places[tenth * count / 10], places[((tenth + 1) * count / 10) - 1]);
            var met = drawn.Count(one =>
                string.CompareOrdinal(one, from) >= 0 && string.CompareOrdinal(one, to) <= 0);
            Assert.True(met > count / 50, $"{met} draws are of {from} to {to}.");
        }
    }

    private static async Task<List<string>> DrawAsync(IModelStore models, int count)
    {
        var sampler = new KeySampler(models, Table, new Random(20_260_102));
        var drawn = new List<string>();
        for (var i = 0; i < count; i++) drawn.Add((await sampler.DrawAsync(Token))!);
        return drawn;
    }

    private static async Task<SteppedModels> FillAsync(string[] keys)
    {
        var models = new SteppedModels(new MemoryModelStore());
        await models.CreateTableAsync(Table, Token);
        foreach (var some in keys.Chunk(1_000))
            await models.CommitAsync(
                new ModelCommit([.. some.Select(one => ModelWrite.Put(Table, one, null, "{}"u8.ToArray(), []))]),
                Token);
        return models;
    }
}
