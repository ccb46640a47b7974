using System.Text;

namespace Granary.Testing.Conformance.Stores;

/// <summary>Tables, documents, keys, views and the checkpoints of readers.</summary>
public abstract class ModelStoreConformance<TStore> : ModelSuite<TStore>
    where TStore : TestStore, new()
{
    private static readonly string[] Documents =
    [
        "{}", "[]", "null", "true", "0", "\"\"", "-1.50e-7", "123456789012345678901234567890.5",
        """{"a":{"b":[1,[2,{"c":null}],"ü 🚀 \" \\ \/ \n"]},"":{"":" "},"A":"a","é":"e\u0301","'":"$1 ? % _"}""",
        """{"nul":"\u0000","\u0000":["\u0000\u0001\u001f","\\u0000","a\\\u0000"]}""",
    ];

    // Written in Latin-1: the last one is not in UTF-8.
    private static readonly string[] NoDocuments =
        ["", " ", "a", "{", "{}{}", """{"a":1,}""", "{'a':1}", "NaN", "01", "\"\n\"", "/**/1", "\"\u00ff\""];

    [Fact]
    public async Task A_table_is_created_once_also_by_several_at_once_and_keeps_its_rows()
    {
        var creators = new[] { Models, await OtherAsync(), await OtherAsync() };
        await Task.WhenAll(creators.Select(
            models => Task.Run(async () => await models.CreateTableAsync(Orders, Token), Token)));
        await WriteAsync(Put("a"));
        await CreateAsync(Orders, Orders);
        await (await OtherAsync()).CreateTableAsync(Orders, Token);

        Assert.NotNull(await RowAsync("a"));
    }

    [Fact]
    public async Task A_table_that_is_there_with_other_columns_is_refused_and_stays()
    {
        await CreateAsync(Orders);
        await WriteAsync(Put("a"));
        var amount = Orders.Columns[0];
        ModelTable[] others =
        [
            new("orders"), new("orders", new ModelColumn("amount", ModelColumnKind.Text)),
            new("orders", amount, new ModelColumn("more", ModelColumnKind.Integer)),
            new("orders", new ModelColumn("other", ModelColumnKind.Integer)),
        ];
        foreach (var models in new[] { Models, await OtherAsync() })
        {
            foreach (var other in others)
                await Assert.ThrowsAsync<StoreSchemaException>(async () => await models.CreateTableAsync(other, Token));
        }

        await CreateAsync(Orders);
        Assert.NotNull(await RowAsync("a"));
    }

    [Fact]
    public async Task A_table_has_as_many_columns_and_as_long_names_as_are_allowed()
    {
        var name = new string('n', ModelTable.NameLengthMax - 1);
        var columns = Enumerable.Range(0, ModelTable.ColumnsMax)
            .Select(at => new ModelColumn(name + (char)('a' + at), ModelColumnKind.Integer)).ToArray();
        ModelTable[] tables = [new(name + "1", columns), new(name + "2", columns), new("order"), new("group_by")];
        await CreateAsync(tables);
        for (var at = 0; at < tables.Length; at++)
        {
            var values = tables[at].Columns.Select(static (_, column) => (object?)(long)column).ToArray();
            await WriteAsync(ModelWrite.Put(tables[at], $"{at}", null, Json("{}"), values));
        }

        for (var at = 0; at < tables.Length; at++)
        {
            var page = await Models.QueryAsync(
                new ModelQuery(tables[at])
                {
                    Conditions = [.. tables[at].Columns.Select(static (column, value) =>
                        new ModelCondition(column, ModelComparison.Equal, (long)value))],
                },
                Token);
            Assert.Equal($"{at}", Assert.Single(page.Rows).Key);
        }
    }

    [Fact]
    public async Task A_table_that_is_dropped_is_gone_with_its_rows_and_no_other_is_touched()
    {
        var other = new ModelTable("orders_2");
        await CreateAsync(Orders, other);
        await WriteAsync(Put("a"), ModelWrite.Put(other, "a", null, Json("{}"), []));

        await Models.DropTableAsync("orders", Token);
        await Models.DropTableAsync("orders", Token);
        await Models.DropTableAsync("absent", Token);

        foreach (var models in new[] { Models, await OtherAsync() })
        {
            await Assert.ThrowsAsync<StoreSchemaException>(() => RowAsync("a", models));
            await Assert.ThrowsAsync<StoreSchemaException>(() => RowsAsync(models));
            Assert.Single(await models.ReadAsync(other, ["a"], Token));
        }

        await CreateAsync(Orders);
        Assert.Empty(await RowsAsync());
        await WriteAsync(Put("a"));
    }

    [Fact]
    public async Task A_document_is_read_back_as_the_same_JSON_and_what_is_no_JSON_is_refused()
    {
        await CreateAsync(Orders);
        await WriteAsync(Documents.Select(static (one, at) => Put($"{at}", document: one)).ToArray());

        for (var at = 0; at < Documents.Length; at++)
            AssertSameJson(Json(Documents[at]), (await ExistingAsync($"{at}")).Document);
        foreach (var row in (await Models.QueryAsync(new ModelQuery(Orders), Token)).Rows)
            AssertSameJson(Json(Documents[row.Key[0] - '0']), row.Document);

        foreach (var text in NoDocuments)
        {
            await Assert.ThrowsAsync<ArgumentException>(async () => await CommitAsync(new ModelCommit(
                ModelWrite.Put(Orders, "no JSON", null, Encoding.Latin1.GetBytes(text), [null]))));
            Assert.Null(await RowAsync("no JSON"));
        }
    }

    [Fact]
    public async Task The_largest_documents_are_read_back_whole()
    {
        await CreateAsync(Orders);
        var largest = $"\"{new string('l', GranaryLimits.StateSizeMax - 3)}!\"";
        await WriteAsync(Put("a", document: largest));
        await WriteAsync(Put("b", document: largest));

        // A query ends its page before the second one; a read of keys has both.
        var read = await Models.ReadAsync(Orders, ["a", "b"], Token);
        Assert.Equal(["a", "b"], read.Select(static row => row.Key).Order());
        Assert.All(read, row => Assert.Equal(largest, Text(row)));
    }

    [Fact]
    public async Task Keys_that_look_alike_are_different_rows()
    {
        await CreateAsync(Orders);
        var longest = new string('ü', GranaryLimits.ModelKeyLengthMax - 3) + "🚀";
        string[] keys =
        [
            "a", "A", "a ", " a", "a\0", "a\0b", "\0", "ä", "a\u0308", "%", "_", "'", "\"", "\\", "\\0", "\\x00", "/",
            "\uFFFD", "\uE000", "🚀", " ", "\n", longest + "1", longest + "2",
        ];
        await WriteAsync(keys.Select(static (key, at) => Put(key, document: $"{at}")).ToArray());

        for (var at = 0; at < keys.Length; at++) Assert.Equal($"{at}", Text(await ExistingAsync(keys[at])));
        var all = await Models.ReadAsync(Orders, keys, Token);
        Assert.Equal(keys.Order(StringComparer.Ordinal), all.Select(static row => row.Key).Order(
            StringComparer.Ordinal));
    }

    [Fact]
    public async Task Of_the_keys_that_are_read_those_with_a_row_have_one_each()
    {
        await CreateAsync(Orders);
        var keys = Enumerable.Range(0, GranaryLimits.PageSizeMax).Select(static at => $"{at}").ToArray();
        await WriteAsync(keys.Take(10).Select(static key => Put(key)).ToArray());

        Assert.Empty(await Models.ReadAsync(Orders, [], Token));
        Assert.Empty(await Models.ReadAsync(Orders, ["absent", "\uD800", ""], Token));
        Assert.Equal(
            ["1", "2"], (await Models.ReadAsync(Orders, ["2", "absent", "1", "2"], Token))
            .Select(static row => row.Key).Order());
        Assert.Equal(10, (await Models.ReadAsync(Orders, keys, Token)).Count);
        await Assert.ThrowsAsync<LimitExceededException>(
            async () => await Models.ReadAsync(Orders, [.. keys, "over"], Token));
    }

    [Fact]
    public async Task A_view_keeps_its_name_from_tables_until_the_table_that_it_shows_is_dropped()
    {
        ModelTable next = new("orders_2"), named = new("current");
        await CreateAsync(Orders, next);
        await ShowAsync(Orders);
        await Assert.ThrowsAsync<StoreSchemaException>(() => CreateAsync(named));
        await ShowAsync(next);
        await Models.DropTableAsync("orders", Token);
        await Assert.ThrowsAsync<StoreSchemaException>(() => CreateAsync(named));

        await Models.DropTableAsync("orders_2", Token);
        await CreateAsync(named);

        async Task ShowAsync(ModelTable table)
        {
            var commit = new ModelCommit { View = new ModelView("current", table) };
            for (var time = 0; time < 2; time++)
                Assert.Equal(ModelCommitOutcome.Committed, await CommitAsync(commit));
        }
    }

    [Fact]
    public async Task A_commit_with_a_view_that_cannot_be_changes_nothing()
    {
        ModelTable named = new("current"), absent = new("absent");
        await CreateAsync(Orders, named);
        foreach (var view in new[] { new ModelView("current", Orders), new ModelView("shown", absent) })
        {
            var commit = new ModelCommit(Put("a")) { Advance = Move("reader", 0, 5), View = view };
            await Assert.ThrowsAsync<StoreSchemaException>(() => CommitAsync(commit));
        }

        Assert.Null(await RowAsync("a"));
        Assert.Null(await CheckpointAsync("reader"));
    }

    [Fact]
    public async Task A_view_is_not_changed_by_a_commit_that_is_overtaken()
    {
        await CreateAsync(Orders);
        var commit = new ModelCommit
        {
            Advance = Move("reader", from: 4, to: 5), View = new ModelView("current", Orders),
        };
        Assert.Equal(ModelCommitOutcome.Overtaken, await CommitAsync(commit));

        await CreateAsync(new ModelTable("current"));
    }

    [Fact]
    public async Task Readers_whose_names_look_alike_and_partitions_have_checkpoints_of_their_own()
    {
        Assert.Empty(await Models.ReadCheckpointsAsync(Token));
        var longest = new string('n', GranaryLimits.CheckpointNameLengthMax - 1);
        string[] names = ["a", "A", "a ", "a\0", "a\0b", "ä", "a\u0308", "%", longest + "1", longest + "2"];
        var expected = new List<ModelCheckpoint>();
        foreach (var name in names)
        {
            for (var partition = 0; partition < 2; partition++)
            {
                var move = Move(name, from: 0, to: expected.Count + 1, epoch: expected.Count, partition);
                var commit = new ModelCommit { Advance = move };
                Assert.Equal(ModelCommitOutcome.Committed, await CommitAsync(commit));
                expected.Add(new(
                    name, new(partition), move.Move.To, move.Move.Epoch, move.StoreId, move.EventId, commit.Id));
            }
        }

        foreach (var models in new[] { Models, await OtherAsync() })
        {
            var all = (await models.ReadCheckpointsAsync(Token)).OrderBy(static one => one.Position).ToArray();
            Assert.Equal(expected, all);
            foreach (var one in expected)
                Assert.Equal(one, await models.ReadCheckpointAsync(one.Name, one.Partition, Token));
        }
    }

    [Fact]
    public async Task Checkpoints_that_are_deleted_stand_at_the_start_and_no_others_are_touched()
    {
        string[] names = ["gone", "GONE", "gone ", "kept"];
        foreach (var name in names)
        {
            await CommitAsync(new ModelCommit { Advance = Move(name, from: 0, to: 5, epoch: 2) });
            await CommitAsync(new ModelCommit { Advance = Move(name, from: 0, to: 9, epoch: 1, partition: 1) });
        }

        await Models.DeleteCheckpointsAsync("gone", Token);
        await Models.DeleteCheckpointsAsync("absent", Token);

        Assert.Equal(
            names[1..].SelectMany(static name => new[] { (name, 0), (name, 1) }).Order(),
            (await (await OtherAsync()).ReadCheckpointsAsync(Token))
            .Select(static one => (one.Name, one.Partition.Value)).Order());
        Assert.Null(await CheckpointAsync("gone"));
        var anew = new ModelCommit { Advance = Move("gone", from: 0, to: 1) };
        Assert.Equal(ModelCommitOutcome.Committed, await CommitAsync(anew));
    }

    [Theory]
    [InlineData("crashed")]
    [InlineData("closed")]
    public async Task Everything_is_there_when_the_store_is_opened_again(string end)
    {
        await CreateAsync(Orders);
        var move = Move("reader", from: 0, to: 5, epoch: 2);
        await CommitAsync(new ModelCommit(Put("a"), Put("b"))
        {
            Advance = move, View = new ModelView("current", Orders),
        });
        await WriteAsync(Put("a", await ExistingAsync("a"), """{"new":1}"""));
        var (rows, checkpoint) = (await RowsAsync(), await CheckpointAsync("reader"));

        Use(end == "closed" ? await Data.ReopenAsync() : await Data.OpenAsync());

        Assert.Equal(2, rows.Length);
        Assert.Equal(rows, await RowsAsync());
        Assert.NotNull(checkpoint);
        Assert.Equal(checkpoint, await CheckpointAsync("reader"));
        await CreateAsync(Orders);
        await Assert.ThrowsAsync<StoreSchemaException>(() => CreateAsync(new ModelTable("current")));
    }

    [Fact]
    public async Task Making_the_model_store_ready_again_changes_nothing_also_by_several_at_once()
    {
        await CreateAsync(Orders);
        await WriteAsync(Put("a"));
        var models = Models;
        var again = Enumerable.Range(0, 3)
            .Select(Task (_) => Task.Run(() => models.InitializeAsync(Token).AsTask(), Token));
        await Task.WhenAll([.. again, Data.OpenAsync().AsTask(), Data.OpenAsync().AsTask()]);

        Assert.NotNull(await RowAsync("a"));
    }

    [Fact]
    public async Task A_call_that_is_cancelled_throws_and_changes_nothing()
    {
        await CreateAsync(Orders);
        await WriteAsync(Put("a"));
        await CommitAsync(new ModelCommit { Advance = Move("reader", from: 0, to: 5) });
        using var source = new CancellationTokenSource();
        await source.CancelAsync();
        var cancelled = source.Token;
        Func<ValueTask>[] calls =
        [
            () => Models.InitializeAsync(cancelled),
            () => Models.CreateTableAsync(new("never"), cancelled),
            () => Models.DropTableAsync("orders", cancelled),
            () => Models.DeleteCheckpointsAsync("reader", cancelled),
            async () => await Models.ReadAsync(Orders, ["a"], cancelled),
            async () => await Models.QueryAsync(new ModelQuery(Orders), cancelled),
            async () => await Models.ReadCheckpointAsync("reader", default, cancelled),
            async () => await Models.ReadCheckpointsAsync(cancelled),
        ];
        foreach (var call in calls)
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await call());

        Assert.NotNull(await RowAsync("a"));
        Assert.NotNull(await CheckpointAsync("reader"));
        await Assert.ThrowsAsync<StoreSchemaException>(
            async () => await Models.ReadAsync(new("never"), ["a"], Token));
    }
}
