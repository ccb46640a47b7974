using System.Text;
using System.Text.Json;
using Granary.Storage.Postgres;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using static Granary.Tests.Conformance.Postgres.PostgresData;

namespace Granary.Tests.Conformance.Postgres;

/// <summary>What the store of models does of which other stores have nothing.</summary>
public sealed class PostgresModelTests : PostgresTest
{
    private static readonly ModelColumn Owner = new("owner", ModelColumnKind.Text);
    private static readonly ModelColumn Order = new("order", ModelColumnKind.Integer);
    private static readonly ModelTable Table = new("accounts_v1", Owner, Order);

    [Theory]
    [InlineData("""{"a\u0000b":"c\u0000d"}""")]
    [InlineData("""{"a":"\ud83d\ude00 \ud800","b":"\udc00","c":"\\u0000"}""")]
    [InlineData("""{"a":[1e400,-0,-0.0,1E-999999,1e99999999999,12345678901234567890.123456789,1.50,1e20]}""")]
    [InlineData("""{"a":1,"b":{"c":2,"c":3}}""")]
    [InlineData("\"\uFDD0x\"")]
    [InlineData("""{"\uFDD0x":"\ufdd0"}""")]
    [InlineData("\"\\u0000\"")]
    [InlineData("-0")]
    [InlineData("""{"text":"ä\n\t\"😀"}""")]
    public async Task A_document_is_read_as_it_was_written(string document)
    {
        var store = await OpenModelsAsync();

        await WriteAsync(store, "a", document);

        var read = Encoding.UTF8.GetString((await ReadAsync(store, "a")).Document.Span);
        Assert.Equal(Compact(document), Compact(read));
        var queried = await store.QueryAsync(new ModelQuery(Table), Token);
        Assert.Equal(read, Encoding.UTF8.GetString(queried.Rows[0].Document.Span));
    }

    [Fact]
    public async Task A_document_that_nests_deeper_than_the_server_reads_is_read_as_it_was_written()
    {
        var store = await OpenModelsAsync();
        var document = new string('[', 60_000) + new string(']', 60_000);

        await WriteAsync(store, "a", document);

        Assert.Equal(document, Encoding.UTF8.GetString((await ReadAsync(store, "a")).Document.Span));
    }

    [Theory]
    [InlineData("{")]
    [InlineData("")]
    [InlineData("{} {}")]
    public async Task What_is_no_JSON_is_refused(string document)
    {
        var store = await OpenModelsAsync();

        await Assert.ThrowsAsync<ArgumentException>(() => WriteAsync(store, "a", document));
    }

    [Fact]
    public async Task Keys_of_any_text_are_found_and_ordered_by_their_bytes()
    {
        var store = await OpenModelsAsync();
        string[] keys = ["\0", "\0\0", "\0\u0001", "\u0001", "\u0001\0", "\u0002", "a", "a\0", "ab", "\uFFFD", "😀"];

        foreach (var key in keys.Reverse()) await WriteAsync(store, key, "{}");

        var page = await store.QueryAsync(new ModelQuery(Table), Token);
        Assert.Equal(keys, page.Rows.Select(static one => one.Key));
        var found = await store.ReadAsync(Table, keys, Token);
        Assert.Equal(keys.Length, found.Count);
        var after = await store.QueryAsync(new ModelQuery(Table) { After = new(null, "a\0") }, Token);
        Assert.Equal(["ab", "\uFFFD", "😀"], after.Rows.Select(static one => one.Key));
    }

    [Theory]
    [InlineData(false, "off")]
    [InlineData(true, "on")]
    public async Task A_commit_waits_for_the_disk_only_where_it_has_to(bool durable, string expected)
    {
        var store = await OpenModelsAsync();
        var seen = "";

        await store.CommitAsync(
            new ModelCommit(Put("a", "{}")) { Durable = durable },
            async (connection, transaction, token) =>
            {
                await using var command = connection.CreateCommand();
                command.Transaction = transaction;
                command.CommandText =
                    "SELECT current_setting('synchronous_commit') || current_setting('enable_seqscan')";
                seen = (string)(await command.ExecuteScalarAsync(token))!;
            },
            Token);

        Assert.Equal(expected + "on", seen);
    }

    [Fact]
    public async Task An_error_of_the_server_that_the_write_hides_rolls_back_all()
    {
        var store = await OpenModelsAsync();

        await Assert.ThrowsAsync<PostgresException>(() => store.CommitAsync(
            new ModelCommit(Put("a", "{}")),
            async (connection, _, token) =>
            {
                await using var command = connection.CreateCommand();
                command.CommandText = "SELECT 1 / 0";
                await Assert.ThrowsAnyAsync<Exception>(() => command.ExecuteNonQueryAsync(token));
            },
            Token).AsTask());

        Assert.Empty(await store.ReadAsync(Table, ["a"], Token));
    }

    [Fact]
    public async Task A_query_uses_the_index_of_its_order()
    {
        await OpenModelsAsync();
        await Data.ExecuteAsync("""
            INSERT INTO {schema}.accounts_v1
            SELECT 'k' || n, '{}', 0, 1, 1, 'o' || n, n FROM generate_series(1, 2000) AS s(n);
            ANALYZE {schema}.accounts_v1
            """);

        foreach (var (order, descending, cursor) in ((ModelColumn?, bool, ModelCursor?)[])
            [
                (null, false, null), (Owner, false, null), (Owner, true, null), (Order, false, new(5L, "k5")),
                (Order, true, new(5L, "k5")), (Order, false, new(null, "k5")),
            ])
        {
            var query = new ModelQuery(Table) { OrderBy = order, Descending = descending, After = cursor };
            var plan = await ExplainAsync(query);
            Assert.Contains("Index", plan, StringComparison.Ordinal);
            Assert.DoesNotContain("Seq Scan", plan, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_name_of_something_else_is_refused()
    {
        var store = await OpenModelsAsync();

        await Assert.ThrowsAsync<StoreSchemaException>(
            () => store.CreateTableAsync(new ModelTable("log"), Token).AsTask());
        await Assert.ThrowsAsync<StoreSchemaException>(() => store.CommitAsync(
            new ModelCommit { View = new ModelView("event_log", Table) }, Token).AsTask());
        await Assert.ThrowsAsync<StoreSchemaException>(() => store.CreateTableAsync(
            new ModelTable("a", new ModelColumn("xmin", ModelColumnKind.Text)), Token).AsTask());
        await store.DropTableAsync("log", Token);
        Assert.Equal(0L, await Data.ScalarAsync<long>("SELECT count(*) FROM {schema}.log"));
    }

    [Fact]
    public async Task A_view_shows_the_table_and_who_may_read_it_still_may()
    {
        var store = await OpenModelsAsync();
        var (next, other) = (new ModelTable("accounts_v2", Owner, Order), new ModelTable("accounts_v3", Order));
        await store.CreateTableAsync(next, Token);
        await store.CreateTableAsync(other, Token);
        await store.CommitAsync(
            new ModelCommit(Put("a", "{}", owner: "ann")) { View = new("accounts", Table) }, Token);
        Assert.Equal("ann", await Data.ScalarAsync<string>("SELECT owner FROM {schema}.accounts WHERE key = 'a'"));
        await Data.ExecuteAsync("GRANT SELECT ON {schema}.accounts TO public");

        await store.CommitAsync(new ModelCommit { View = new("accounts", next) }, Token);
        Assert.Equal(0L, await Data.ScalarAsync<long>("SELECT count(*) FROM {schema}.accounts"));
        Assert.Contains(
            "=r/", await Data.ScalarAsync<string>(
                "SELECT relacl::text FROM pg_class WHERE oid = '{schema}.accounts'::regclass"),
            StringComparison.Ordinal);

        await store.CommitAsync(new ModelCommit { View = new("accounts", other) }, Token);
        await store.DropTableAsync(next.Name, Token);
        Assert.Equal(0L, await Data.ScalarAsync<long>("SELECT count(\"order\") FROM {schema}.accounts"));
        await store.DropTableAsync(other.Name, Token);
        Assert.True(await Data.ScalarAsync<bool>("SELECT to_regclass('{schema}.accounts') IS NULL"));
    }

    [Fact]
    public async Task One_store_of_models_is_registered_with_the_store_of_events()
    {
        var builder = new Builder();
        builder.UsePostgres(options => options.ConnectionString = PostgresServer.ConnectionString);

        await using var services = builder.Services.BuildServiceProvider();

        var store = Assert.IsType<PostgresModelStore>(services.GetRequiredService<IModelStore>());
        Assert.Same(store, services.GetRequiredService<ISqlModelStore>());
    }

    private async Task<PostgresModelStore> OpenModelsAsync()
    {
        var store = new PostgresModelStore(Data.Make());
        await store.InitializeAsync(Token);
        await store.CreateTableAsync(Table, Token);
        return store;
    }

    private async Task<string> ExplainAsync(ModelQuery query)
    {
        var built = new ModelQuerySql(query, new ModelStatements(Data.Schema)).Build();
        await using var connection = await Data.ConnectAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = "EXPLAIN " + built.CommandText;
        foreach (var one in built.Parameters.ToList())
        {
            built.Parameters.Remove(one);
            command.Parameters.Add(one);
        }

        var plan = new StringBuilder();
        await using var reader = await command.ExecuteReaderAsync(Token);
        while (await reader.ReadAsync(Token)) plan.AppendLine(reader.GetString(0));
        return plan.ToString();
    }

    private static ModelWrite Put(string key, string document, string? owner = null, ModelRow? expected = null) =>
        ModelWrite.Put(Table, key, expected, Encoding.UTF8.GetBytes(document), [owner, null]);

    private static async Task WriteAsync(PostgresModelStore store, string key, string document) =>
        Assert.Equal(
            ModelCommitOutcome.Committed, await store.CommitAsync(new ModelCommit(Put(key, document)), Token));

    private static async Task<ModelRow> ReadAsync(PostgresModelStore store, string key) =>
        Assert.Single(await store.ReadAsync(Table, [key], Token));

    // The same text for the same JSON, down to the digits of its numbers; properties in one order.
    private static string Compact(string json)
    {
        using var parsed = JsonDocument.Parse(json);
        return Compact(parsed.RootElement);
    }

    private static string Compact(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => "{" + string.Join(",", element.EnumerateObject()
            .Select(static one => $"{NameOf(one)}:{Compact(one.Value)}").Order(StringComparer.Ordinal)) + "}",
        JsonValueKind.Array => $"[{string.Join(",", element.EnumerateArray().Select(Compact))}]",
        JsonValueKind.Number when element.GetRawText() is "1e20" => "100000000000000000000",
        JsonValueKind.String when !element.GetRawText().Contains("\\ud800", StringComparison.Ordinal)
            && !element.GetRawText().Contains("\\udc00", StringComparison.Ordinal) => "'" + element.GetString(),
        _ => element.GetRawText(),
    };

    private static string NameOf(JsonProperty property) => property.Name;

    private sealed class Builder : IGranaryBuilder
    {
        public IServiceCollection Services { get; } = new ServiceCollection();
    }
}
