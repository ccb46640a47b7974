namespace Granary.Testing.Conformance.Stores;

/// <summary>Rows are found by the values of their columns and by their keys.</summary>
public abstract class ModelQueryConformance<TStore> : ModelSuite<TStore>
    where TStore : TestStore, new()
{
    /// <summary>Each kind with values in their order, the one after the other greater.</summary>
    internal static readonly IReadOnlyDictionary<ModelColumnKind, object[]> Values =
        new Dictionary<ModelColumnKind, object[]>
        {
            [ModelColumnKind.Text] =
            [
                "", " ", "%", "A", "B", "a", "a ", "aa", "a\u0308", "b", "ß", "ä", "\uE000", "\uFFFD", "🚀", "🚁",
            ],
            [ModelColumnKind.Integer] =
                [long.MinValue, -1L, 0L, 1L, 9_007_199_254_740_992, 9_007_199_254_740_993, long.MaxValue],
            [ModelColumnKind.Number] =
            [
                double.NegativeInfinity, double.MinValue, -1.5, -double.Epsilon, 0.0, double.Epsilon, 0.1, 0.1 + 0.2,
                1.5, double.MaxValue, double.PositiveInfinity,
            ],
            [ModelColumnKind.Decimal] =
                [decimal.MinValue, -1.5m, -0.01m, 0m, 0.01m, 0.1m, 0.3m, 1234567890123.45m, decimal.MaxValue],
            [ModelColumnKind.Boolean] = [false, true],
            [ModelColumnKind.Time] =
            [
                DateTimeOffset.MinValue, new DateTimeOffset(1969, 12, 31, 23, 59, 59, TimeSpan.Zero),
                Noon.AddMicroseconds(-1), Noon, Noon.AddMicroseconds(1), Noon.AddYears(100), DateTimeOffset.MaxValue,
            ],
        };

    private static readonly ModelTable People = new(
        "people", new ModelColumn("name", ModelColumnKind.Text), new ModelColumn("age", ModelColumnKind.Integer));

    [Theory]
    [InlineData(ModelColumnKind.Text)]
    [InlineData(ModelColumnKind.Integer)]
    [InlineData(ModelColumnKind.Number)]
    [InlineData(ModelColumnKind.Decimal)]
    [InlineData(ModelColumnKind.Boolean)]
    [InlineData(ModelColumnKind.Time)]
    public async Task Every_comparison_finds_its_rows_and_no_others(ModelColumnKind kind)
    {
        // Columns of the other kinds are beside it, so that each is found in its place.
        var columns = Enum.GetValues<ModelColumnKind>()
            .Select(static one => new ModelColumn($"of_{one.ToString().ToLowerInvariant()}", one)).ToArray();
        var (table, column, values) = (new ModelTable("compared", columns), columns[(int)kind], Values[kind]);
        await CreateAsync(table);
        var writes = values.Append(null).Select((value, at) => ModelWrite.Put(
            table, $"{at:d2}", null, Json("{}"), columns.Select(one => one == column ? value : null).ToArray()));
        await WriteAsync([.. writes]);

        for (var pivot = 0; pivot < values.Length; pivot++)
        {
            (ModelComparison Comparison, Range Expected)[] comparisons =
            [
                (ModelComparison.Equal, pivot..(pivot + 1)), (ModelComparison.Less, ..pivot),
                (ModelComparison.LessOrEqual, ..(pivot + 1)), (ModelComparison.Greater, (pivot + 1)..),
                (ModelComparison.GreaterOrEqual, pivot..),
            ];
            foreach (var (comparison, expected) in comparisons)
            {
                Assert.Equal(
                    (comparison, values[pivot], string.Join(' ', Keys(values.Length)[expected])),
                    (comparison, values[pivot], await FoundAsync(
                        table, new ModelCondition(column, comparison, values[pivot]))));
            }
        }
    }

    [Fact]
    public async Task Null_is_equal_to_null_and_nothing_else_is_true_of_it()
    {
        await CreatePeopleAsync(("a", null, 1), ("b", "x", null), ("c", null, null), ("d", "", 0));
        foreach (var column in People.Columns)
        {
            foreach (var comparison in Enum.GetValues<ModelComparison>().Except([ModelComparison.Equal]))
                Assert.Equal("", await FoundAsync(People, new ModelCondition(column, comparison, null)));
        }

        Assert.Equal("a c", await FoundAsync(People, Is("name", null)));
        Assert.Equal("b c", await FoundAsync(People, Is("age", null)));
        Assert.Equal("c", await FoundAsync(People, Is("age", null), Is("name", null)));
        Assert.Equal("d", await FoundAsync(People, Is("name", "")));
        Assert.Equal("d", await FoundAsync(People, new ModelCondition(
            People.Columns[1], ModelComparison.LessOrEqual, 0L)));
    }

    [Fact]
    public async Task A_row_is_found_where_every_condition_is_true()
    {
        await CreatePeopleAsync(("a", "x", 1), ("b", "x", 2), ("c", "y", 2), ("d", "x", 3), ("e", "x", 4));
        var age = People.Columns[1];

        Assert.Equal("a b c d e", await FoundAsync(People));
        Assert.Equal("b d", await FoundAsync(
            People, Is("name", "x"), new(age, ModelComparison.Greater, 1L), new(age, ModelComparison.Less, 4L)));
        Assert.Equal("", await FoundAsync(People, Is("name", "x"), Is("name", "y")));
        Assert.Equal("b", await FoundAsync(
            People, [.. Enumerable.Repeat(Is("age", 2L), ModelQuery.ConditionsMax - 1), Is("name", "x")]));
    }

    [Fact]
    public async Task Rows_are_found_by_their_keys_in_the_order_of_UTF_8()
    {
        string[] keys = [.. Values[ModelColumnKind.Text].Cast<string>().Skip(1)];
        await CreatePeopleAsync([.. keys.Select(static key => (key, (string?)"x", (long?)1))]);
        for (var pivot = 0; pivot < keys.Length; pivot++)
        {
            Assert.Equal(keys[pivot..(pivot + 1)], await KeysAsync(ModelComparison.Equal, keys[pivot]));
            Assert.Equal(keys[..pivot], await KeysAsync(ModelComparison.Less, keys[pivot]));
            Assert.Equal(keys[..(pivot + 1)], await KeysAsync(ModelComparison.LessOrEqual, keys[pivot]));
            Assert.Equal(keys[(pivot + 1)..], await KeysAsync(ModelComparison.Greater, keys[pivot]));
            Assert.Equal(keys[pivot..], await KeysAsync(ModelComparison.GreaterOrEqual, keys[pivot]));
        }

        Assert.Equal(keys, await KeysAsync(ModelComparison.GreaterOrEqual, ""));
    }

    [Fact]
    public async Task A_value_is_found_as_its_column_holds_it()
    {
        var text = new string('t', GranaryLimits.ModelColumnLengthMax);
        var kinds = new[] { ModelColumnKind.Text, ModelColumnKind.Decimal, ModelColumnKind.Time };
        var columns = kinds.Select(static (kind, at) => new ModelColumn($"c{at}", kind)).ToArray();
        var table = new ModelTable("held", columns);
        await CreateAsync(table);
        await WriteAsync(
            ModelWrite.Put(table, "cut", null, Json("{}"), [text + "1", 1.10m, Noon.AddTicks(3)]),
            ModelWrite.Put(table, "odd", null, Json("{}"), ["a\0\uD800", 2m, Noon.AddHours(1)]));

        foreach (var value in new[] { text, text + "1", text + "2" })
            Assert.Equal("cut", await FoundAsync(table, new ModelCondition(columns[0], ModelComparison.Equal, value)));
        foreach (var value in new[] { "a\0\uD800", "a\uFFFD\uFFFD", "a\uDC00\0" })
            Assert.Equal("odd", await FoundAsync(table, new ModelCondition(columns[0], ModelComparison.Equal, value)));
        Assert.Equal("cut", await FoundAsync(table, new ModelCondition(columns[1], ModelComparison.Equal, 1.1m)));
        foreach (var value in new[] { Noon, Noon.AddTicks(9), Noon.ToOffset(TimeSpan.FromHours(-5)) })
            Assert.Equal("cut", await FoundAsync(table, new ModelCondition(columns[2], ModelComparison.Equal, value)));
    }

    [Fact]
    public async Task Rows_are_found_by_the_values_that_they_have_now()
    {
        await CreatePeopleAsync(("a", "old", 1), ("b", "old", 2), ("c", "old", 3));
        var rows = (await Models.QueryAsync(new ModelQuery(People), Token)).Rows;
        await WriteAsync(
            ModelWrite.Put(People, "a", rows[0], Json("{}"), ["new", 1L]), ModelWrite.Delete(People, rows[1]));

        Assert.Equal("c", await FoundAsync(People, Is("name", "old")));
        Assert.Equal("a", await FoundAsync(People, Is("name", "new")));
        Assert.Equal("", await FoundAsync(People, Is("age", 2L)));
    }

    [Fact]
    public async Task A_query_that_is_not_allowed_is_refused()
    {
        await CreatePeopleAsync(("a", "x", 1));
        var (name, foreign) = (People.Columns[0], new ModelColumn("other", ModelColumnKind.Text));
        var otherKind = new ModelColumn("name", ModelColumnKind.Integer);
        var all = new ModelQuery(People);
        ModelQuery[] refused =
        [
            all with { Limit = 0 }, all with { Limit = GranaryLimits.PageSizeMax + 1 },
            all with { Conditions = [new(foreign, ModelComparison.Equal, "x")] },
            all with { Conditions = [new(otherKind, ModelComparison.Equal, 1L)] },
            all with { Conditions = [new(name, ModelComparison.Equal, 1L)] },
            all with { Conditions = [new(null, ModelComparison.Equal, null)] },
            all with { Conditions = [new(null, ModelComparison.Equal, 1L)] },
            all with { OrderBy = foreign },
            all with { OrderBy = otherKind },
            all with { After = new("x", "a") },
            all with { OrderBy = name, After = new(1L, "a") },
        ];
        foreach (var query in refused)
            await Assert.ThrowsAnyAsync<ArgumentException>(async () => await Models.QueryAsync(query, Token));
        var tooMany = Enumerable.Repeat(Is("name", "x"), ModelQuery.ConditionsMax + 1).ToArray();
        await Assert.ThrowsAsync<LimitExceededException>(() => FoundAsync(People, tooMany));
    }

    private async Task CreatePeopleAsync(params (string Key, string? Name, long? Age)[] people)
    {
        await CreateAsync(People);
        await WriteAsync(people.Select(static one => ModelWrite.Put(
            People, one.Key, null, Json("{}"), [one.Name, one.Age])).ToArray());
    }

    private static ModelCondition Is(string column, object? value) =>
        new(People.FindColumn(column), ModelComparison.Equal, value);

    private async Task<string[]> KeysAsync(ModelComparison comparison, string key)
    {
        var query = new ModelQuery(People) { Conditions = [new(null, comparison, key)] };
        return (await Models.QueryAsync(query, Token)).Rows.Select(static row => row.Key).ToArray();
    }

    private async Task<string> FoundAsync(ModelTable table, params ModelCondition[] conditions)
    {
        var page = await Models.QueryAsync(new ModelQuery(table) { Conditions = conditions }, Token);
        Assert.Null(page.Next);
        return string.Join(' ', page.Rows.Select(static row => row.Key));
    }

    private static string[] Keys(int count) => Enumerable.Range(0, count).Select(static at => $"{at:d2}").ToArray();
}
