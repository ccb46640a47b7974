using Granary.Storage.Postgres;
using static Granary.Tests.Conformance.Postgres.PostgresData;

namespace Granary.Tests.Conformance.Postgres;

/// <summary>Models through a pooler that gives each transaction any connection of the server's.</summary>
public sealed class PostgresModelPoolerTests : PostgresTest
{
    [Fact]
    public async Task Models_are_written_and_read_through_a_pooler()
    {
        Assert.SkipWhen(PgBouncer.SkipReason is not null, PgBouncer.SkipReason ?? "");
        using var pooler = new PgBouncer("transaction");
        var table = new ModelTable("accounts_v1", new ModelColumn("owner", ModelColumnKind.Text));
        var store = new PostgresModelStore(Data.Make(options => options.ConnectionString = pooler.ConnectionString));
        await store.InitializeAsync(Token);
        await store.CreateTableAsync(table, Token);

        var written = await Task.WhenAll(Enumerable.Range(0, 40).Select(at => WriteAsync(store, table, $"k{at:00}")));

        Assert.All(written, static one => Assert.Equal(ModelCommitOutcome.Committed, one));
        var owners = new ModelQuery(table) { OrderBy = table.Columns[0], Descending = true, Limit = 3 };
        var page = await store.QueryAsync(owners, Token);
        Assert.Equal(["k39", "k38", "k37"], page.Rows.Select(static one => one.Key));
        Assert.Equal(new ModelCursor("k37", "k37"), page.Next);
        var next = await store.QueryAsync(owners with { After = page.Next }, Token);
        Assert.Equal("k36", next.Rows[0].Key);
        Assert.Equal("on", await Data.ScalarAsync<string>("SELECT current_setting('synchronous_commit')"));
    }

    private static async Task<ModelCommitOutcome> WriteAsync(PostgresModelStore store, ModelTable table, string key) =>
        await store.CommitAsync(
            new ModelCommit(ModelWrite.Put(table, key, null, "{}"u8.ToArray(), [key])),
            static async (connection, transaction, token) =>
            {
                await using var command = connection.CreateCommand();
                command.Transaction = transaction;
                command.CommandText = "SELECT pg_sleep(0)";
                await command.ExecuteNonQueryAsync(token);
            },
            Token);
}
