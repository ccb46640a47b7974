using System.Text.RegularExpressions;
using Granary.Storage.Sqlite;
using static Granary.Tests.Unit.Sqlite.Models.ModelFolder;

namespace Granary.Tests.Unit.Sqlite.Models;

/// <summary>How rows look to those who read the file with SQL, and which indexes find them.</summary>
public sealed partial class ModelTableTests
{
    public static TheoryData<string> Columns => [.. Orders.Columns.Select(static one => one.Name)];

    [Fact]
    public async Task Other_programs_read_rows_and_views_as_text_and_numbers()
    {
        await using var folder = new ModelFolder();
        var store = await folder.OpenAsync();
        var time = new DateTimeOffset(2026, 1, 2, 5, 4, 5, TimeSpan.FromHours(2)).AddTicks(12_345_678);
        var write = Put("k", null, "text", 7L, 1.5, 12.30m, true, time);
        await store.CommitAsync(new ModelCommit(write) { View = new("shown", Orders) }, Token);

        var line = "key || '|' || (document ->> '$.total') || '|' || a_text || '|' || a_integer || '|' || a_number "
            + "|| '|' || a_decimal || '|' || a_boolean || '|' || a_time";

        Assert.Equal(["k|7|text|7|1.5|12.3|1|2026-01-02T03:04:06.234567Z"], folder.Sql($"SELECT {line} FROM shown"));
    }

    [Theory]
    [InlineData("a\0b", "a\0c")]
    [InlineData("\0", "\0\0")]
    [InlineData("\uE000", "\U00010000")]
    [InlineData("' OR 1 = 1", "'\"; --")]
    public async Task Keys_of_any_text_are_rows_of_their_own_in_the_order_of_UTF_8(string first, string second)
    {
        await using var folder = new ModelFolder();
        var store = await folder.OpenAsync();
        await CommitAsync(store, Put(second), Put(first));

        var page = await store.QueryAsync(new ModelQuery(Orders) { Limit = 1 }, Token);
        var next = await store.QueryAsync(new ModelQuery(Orders) { After = page.Next }, Token);

        Assert.Equal((first, second), (page.Rows.Single().Key, next.Rows.Single().Key));
        Assert.Equal(first, (await FindAsync(store, first))?.Key);
        Assert.Equal(["text", "text"], folder.Sql("SELECT typeof(key) FROM orders"));
        await CommitAsync(store, ModelWrite.Delete(Orders, next.Rows.Single()));
        var left = await store.QueryAsync(new ModelQuery(Orders), Token);
        Assert.Equal(first, Assert.Single(left.Rows).Key);
    }

    [Theory]
    [MemberData(nameof(Columns))]
    public async Task Every_page_in_the_order_of_a_column_is_found_by_its_index_and_not_sorted(string name)
    {
        await using var folder = new ModelFolder();
        await folder.OpenAsync();
        var column = Orders.FindColumn(name)!;
        foreach (var isDescending in new[] { false, true })
        {
            foreach (var after in new[] { null, new ModelCursor(null, "k"), new ModelCursor(ValueOf(column), "k") })
            {
                var query = new ModelQuery(Orders) { OrderBy = column, Descending = isDescending, After = after };
                AssertFoundBy(folder, $"USING INDEX orders__{name}", query);
            }
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Every_page_in_the_order_of_the_keys_is_found_by_their_index_and_not_sorted(bool isDescending)
    {
        await using var folder = new ModelFolder();
        await folder.OpenAsync();
        foreach (var after in new[] { null, new ModelCursor(null, "k") })
        {
            var query = new ModelQuery(Orders) { Descending = isDescending, After = after };
            AssertFoundBy(folder, "USING INDEX sqlite_autoindex_orders_1", query);
        }

        AssertPlan(folder, "SEARCH orders USING INDEX sqlite_autoindex_orders_1 (key=?)", ModelSql.Find(Orders));
    }

    [Theory]
    [MemberData(nameof(Columns))]
    public async Task Rows_with_a_value_are_searched_by_the_index_of_the_column_and_not_sorted(string name)
    {
        await using var folder = new ModelFolder();
        await folder.OpenAsync();
        var column = Orders.FindColumn(name)!;
        var query = new ModelQuery(Orders)
        {
            Conditions = [new ModelCondition(column, ModelComparison.Equal, ValueOf(column))],
        };

        AssertFoundBy(folder, $"SEARCH orders USING INDEX orders__{name} ({name}=?", query);
    }

    [Theory]
    [MemberData(nameof(Columns))]
    public async Task Rows_in_a_range_of_the_column_that_orders_are_searched_by_its_index_and_not_sorted(string name)
    {
        await using var folder = new ModelFolder();
        await folder.OpenAsync();
        var column = Orders.FindColumn(name)!;
        var query = new ModelQuery(Orders)
        {
            OrderBy = column, Conditions = [new ModelCondition(column, ModelComparison.Greater, ValueOf(column))],
        };

        AssertFoundBy(folder, $"SEARCH orders USING INDEX orders__{name} ({name}>?", query);
    }

    private static object ValueOf(ModelColumn column) => column.Kind switch
    {
        ModelColumnKind.Text => "text",
        ModelColumnKind.Integer => 7L,
        ModelColumnKind.Number => 1.5,
        ModelColumnKind.Decimal => 1.5m,
        ModelColumnKind.Boolean => false,
        _ => SqliteFolder.Noon,
    };

    private static void AssertFoundBy(ModelFolder folder, string expected, ModelQuery query)
    {
        query.Check();
        foreach (var sql in ModelSql.Queries(query)) AssertPlan(folder, expected, sql);
    }

    private static void AssertPlan(ModelFolder folder, string expected, string sql)
    {
        using var connection = folder.Connect();
        using var command = connection.CreateCommand();
        command.CommandText = "EXPLAIN QUERY PLAN " + sql;
        foreach (var name in Parameter().Matches(sql).Select(static one => one.Value).Distinct())
            command.Parameters.AddWithValue(name, DBNull.Value);
        using var reader = command.ExecuteReader();
        var plan = new List<string>();
        while (reader.Read()) plan.Add(reader.GetString(3));
        Assert.Contains(expected, Assert.Single(plan), StringComparison.Ordinal);
    }

    [GeneratedRegex(@"\$[a-z0-9]+")]
    private static partial Regex Parameter();
}
