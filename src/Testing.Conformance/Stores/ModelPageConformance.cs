namespace Granary.Testing.Conformance.Stores;

/// <summary>Rows are read in order, page by page, each of them once.</summary>
public abstract class ModelPageConformance<TStore> : ModelSuite<TStore>
    where TStore : TestStore, new()
{
    [Theory]
    [InlineData(ModelColumnKind.Text)]
    [InlineData(ModelColumnKind.Integer)]
    [InlineData(ModelColumnKind.Number)]
    [InlineData(ModelColumnKind.Decimal)]
    [InlineData(ModelColumnKind.Boolean)]
    [InlineData(ModelColumnKind.Time)]
    public async Task Pages_hold_every_row_once_in_order_null_first_and_ties_by_key(ModelColumnKind kind)
    {
        var column = new ModelColumn("ordered", kind);
        var table = new ModelTable("pages", column);
        await CreateAsync(table);

        // Three rows have the same value, with keys that are neither in the order of the values nor in that of UTF-16.
        string[] keys = ["a", "\uE000", "🚀"];
        object?[] values = [null, .. ModelQueryConformance<TStore>.Values[kind]];
        var expected = values.SelectMany((_, at) => keys.Select(key => $"{key}{at}")).ToArray();
        var writes = values.SelectMany((value, at) => keys.Select(
            key => ModelWrite.Put(table, $"{key}{at}", null, Json("{}"), [value])));
        await WriteAsync([.. writes.Reverse()]);

        foreach (var limit in new[] { 1, 2, 3, 4, GranaryLimits.PageSizeMax })
        {
            var query = new ModelQuery(table) { OrderBy = column, Limit = limit };
            Assert.Equal(expected, await PagesAsync(query));
            Assert.Equal(expected.Reverse(), await PagesAsync(query with { Descending = true }));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Without_a_column_pages_are_in_the_order_of_the_keys(bool descending)
    {
        await CreateAsync(Orders);
        string[] keys = [" ", "A", "a", "a\0", "a ", "aa", "ä", "\uE000", "🚀"];
        await WriteAsync([.. keys.Reverse().Select(static (key, at) => Put(key, amount: at))]);

        foreach (var limit in new[] { 1, 2, 3, 9, 10 })
        {
            Assert.Equal(
                descending ? keys.Reverse() : keys,
                await PagesAsync(new ModelQuery(Orders) { Descending = descending, Limit = limit }));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Pages_of_a_query_with_conditions_hold_the_rows_that_meet_them(bool descending)
    {
        await CreateAsync(Orders);
        await WriteAsync([.. Enumerable.Range(0, 40).Select(static at => Put($"{at:d2}", amount: at % 5))]);
        var amount = Orders.Columns[0];
        var expected = Enumerable.Range(0, 40).Where(static at => at % 5 is 2 or 3 && at >= 10)
            .OrderBy(static at => at % 5).Select(static at => $"{at:d2}");

        foreach (var limit in new[] { 1, 3, 12, 13 })
        {
            var query = new ModelQuery(Orders)
            {
                Conditions =
                [
                    new(amount, ModelComparison.Greater, 1L), new(amount, ModelComparison.LessOrEqual, 3L),
                    new(null, ModelComparison.GreaterOrEqual, "10"),
                ],
                OrderBy = amount,
                Descending = descending,
                Limit = limit,
            };
            Assert.Equal(descending ? expected.Reverse() : expected, await PagesAsync(query));
        }
    }

    [Fact]
    public async Task The_next_page_begins_after_the_last_row_also_where_that_was_deleted_or_has_moved()
    {
        await CreateAsync(Orders);
        await WriteAsync([.. Enumerable.Range(0, 6).Select(static at => Put($"{at}", amount: at / 2))]);
        var query = new ModelQuery(Orders) { OrderBy = Orders.Columns[0], Limit = 3 };
        var first = await Models.QueryAsync(query, Token);
        Assert.Equal(new ModelCursor(1L, "2"), first.Next);

        await WriteAsync(
            ModelWrite.Delete(Orders, first.Rows[2]), Put("0", first.Rows[0], amount: 9), Put("25", amount: 1),
            Put("1 before", amount: 1));
        var second = await (await OtherAsync()).QueryAsync(query with { After = first.Next, Limit = 100 }, Token);

        Assert.Equal(["25", "3", "4", "5", "0"], second.Rows.Select(static row => row.Key));
        Assert.Null(second.Next);
    }

    [Fact]
    public async Task A_page_is_within_its_bytes_but_for_the_first_row()
    {
        await CreateAsync(Orders);
        string[] keys = ["a", "b", "c", "d", "e", "f"];
        int[] sizes = [3, 3, 3, 8, 1, 8];
        for (var at = 0; at < keys.Length; at++)
        {
            var text = new string((char)('0' + at), (sizes[at] * 1024 * 1024) - 2);
            await WriteAsync(Put(keys[at], document: $"\"{text}\"", amount: null));
        }

        foreach (var descending in new[] { false, true })
        {
            foreach (var column in new[] { null, Orders.Columns[0] })
            {
                var query = new ModelQuery(Orders) { OrderBy = column, Descending = descending, Limit = 6 };
                Assert.Equal(descending ? keys.Reverse() : keys, await PagesAsync(query));
            }
        }
    }

    [Fact]
    public async Task A_page_of_no_rows_is_empty_and_the_last()
    {
        await CreateAsync(Orders);
        var amount = Orders.Columns[0];
        Assert.Empty(await PagesAsync(new ModelQuery(Orders)));
        await WriteAsync(Put("a", amount: 5));

        Assert.Empty(await PagesAsync(new ModelQuery(Orders) { After = new(null, "a") }));
        Assert.Empty(await PagesAsync(new ModelQuery(Orders) { OrderBy = amount, After = new(5L, "a") }));
        Assert.Empty(await PagesAsync(
            new ModelQuery(Orders) { OrderBy = amount, Descending = true, After = new(null, "z") }));
    }

    [Fact]
    public async Task As_many_rows_as_are_allowed_are_on_one_page()
    {
        await CreateAsync(Orders);
        await WriteAsync([.. Enumerable.Range(0, GranaryLimits.PageSizeMax + 1).Select(static at => Put($"{at:d4}"))]);

        var page = await Models.QueryAsync(new ModelQuery(Orders) { Limit = GranaryLimits.PageSizeMax }, Token);
        Assert.Equal((GranaryLimits.PageSizeMax, "0999"), (page.Rows.Count, page.Next?.Key));
        Assert.Equal(100, (await Models.QueryAsync(new ModelQuery(Orders), Token)).Rows.Count);
    }

    /// <summary>The keys of all pages. Each page is as it has to be, and the last one alone names no next.</summary>
    private async Task<List<string>> PagesAsync(ModelQuery query)
    {
        var keys = new List<string>();
        while (true)
        {
            var page = await Models.QueryAsync(query, Token);
            Assert.InRange(page.Rows.Count, 0, query.Limit);
            if (page.Rows.Count > 1)
                Assert.InRange(page.Rows.Sum(static row => (long)row.Document.Length), 0, GranaryLimits.PageBytesMax);
            keys.AddRange(page.Rows.Select(static row => row.Key));
            if (page.Next is null) return keys;
            Assert.NotEmpty(page.Rows);
            Assert.Equal(page.Rows[^1].Key, page.Next.Key);
            Assert.InRange(keys.Count, 1, 10_000);
            query = query with { After = page.Next };
        }
    }
}
