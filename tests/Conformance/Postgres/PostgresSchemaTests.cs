using Granary.Storage.Postgres;
using static Granary.Tests.Conformance.Postgres.PostgresData;

namespace Granary.Tests.Conformance.Postgres;

/// <summary>What the store needs of a database, and what it leaves there for people.</summary>
public sealed class PostgresSchemaTests : PostgresTest
{
    [Fact]
    public async Task Silos_that_start_at_once_open_one_store()
    {
        var stores = Enumerable.Range(0, 4).Select(_ => Data.Make()).ToArray();

        var opened = await Task.WhenAll(stores.Select(static one => one.InitializeAsync(Token).AsTask()));

        Assert.Single(opened.Select(static one => one.StoreId).Distinct());
    }

    [Fact]
    public async Task A_role_that_owns_the_schema_needs_no_other_right()
    {
        await Data.ExecuteAsync("CREATE ROLE {schema} LOGIN; CREATE SCHEMA {schema} AUTHORIZATION {schema};");
        try
        {
            var store = await Data.OpenAsync(options =>
                options.ConnectionString = new Npgsql.NpgsqlConnectionStringBuilder(options.ConnectionString)
                {
                    Username = Data.Schema,
                }.ConnectionString);
            await CommitAsync(store, Data.Append("a", ExpectedVersion.NoStream, "{}"));
            await CommitAsync(store, Data.Clear("a"));
            Assert.False(await store.ScrubAsync(10, Token));
        }
        finally
        {
            await Data.CloseAsync();
            await Data.ExecuteAsync("DROP SCHEMA {schema} CASCADE; DROP ROLE {schema};");
        }
    }

    // There a function sees what was committed before it waited for its lock, and not what came while it waited.
    [Theory]
    [InlineData(@"repeatable\ read", false)]
    [InlineData("serializable", false)]
    [InlineData(@"read\ committed", true)]
    [InlineData(@"read\ uncommitted", true)]
    public async Task Only_an_isolation_that_sees_what_came_while_it_waited_is_used(string isolation, bool isUsed)
    {
        var setting = $";Options=-c default_transaction_isolation={isolation}";
        var opening = Data.OpenAsync(options => options.ConnectionString += setting);
        if (isUsed)
        {
            await CommitAsync(await opening, Data.Append("a", ExpectedVersion.NoStream, "{}"));
            return;
        }

        var error = await Assert.ThrowsAsync<StoreSchemaException>(() => opening);
        Assert.Contains("default_transaction_isolation", error.Message, StringComparison.Ordinal);

        // The setting may change while the store is open.
        await Data.OpenAsync();
        var late = Data.Make(options => options.ConnectionString += setting);
        var append = Data.Append("a", ExpectedVersion.NoStream, "{}");
        await Assert.ThrowsAsync<StoreUnavailableException>(() => CommitAsync(late, append).AsTask());
        await Assert.ThrowsAsync<StoreUnavailableException>(
            () => new PostgresSnapshotStore(late).WriteSnapshotAsync(SnapshotOfA(), Token).AsTask());
    }

    private static Snapshot SnapshotOfA() => new()
    {
        Stream = new StreamName("order", "a"),
        Version = new(1),
        Position = new(default, new(1)),
        Timestamp = Noon,
        Fingerprint = "f",
        Checksum = 1,
        Payload = new byte[] { 1 },
    };

    [Fact]
    public async Task A_store_of_a_newer_version_is_not_opened()
    {
        await Data.OpenAsync();
        await Data.ExecuteAsync("UPDATE {schema}.store SET version = version + 1");

        await Assert.ThrowsAsync<StoreSchemaException>(() => Data.Make().InitializeAsync(Token).AsTask());
    }

    [Fact]
    public async Task A_number_of_partitions_that_the_store_does_not_have_is_refused()
    {
        await Data.OpenAsync();

        var error = await Assert.ThrowsAsync<StoreSchemaException>(
            () => Data.Make(static options => options.PartitionCount = 2).InitializeAsync(Token).AsTask());
        Assert.Contains(nameof(PostgresStoreOptions.PartitionCount), error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Password=hidden;nonsense")]
    [InlineData("Host=127.0.0.1;Port=1;Timeout=1;Username=u;Password=hidden")]
    [InlineData("Host=127.0.0.1;Port=hidden")]
    public async Task No_error_holds_what_is_secret(string connectionString)
    {
        var error = await Record.ExceptionAsync(async () =>
            await Data.Make(options => options.ConnectionString = connectionString).InitializeAsync(Token));

        Assert.True(error is ArgumentException or StoreUnavailableException, error?.ToString());
        Assert.DoesNotContain("hidden", error!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_log_can_be_read_by_people()
    {
        var store = await Data.OpenAsync();
        var odd = new StreamName("order", "a\0b");
        NewEvent[] events =
        [
            new(new Guid(1, 0, 0x7000, 0x80, 0, 0, 0, 0, 0, 0, 2), "changed", "{\"a\":1}"u8.ToArray()),
            new(new Guid(2, 0, 0x7000, 0x80, 0, 0, 0, 0, 0, 0, 2), "changed", new byte[] { 0xFF, 0 }),
        ];
        await CommitAsync(store, new Append(odd, ExpectedVersion.NoStream, new(events[0].Id), events));
        await CommitAsync(store, Data.Append("b", ExpectedVersion.NoStream, "\"secret\""));
        await CommitAsync(store, Data.Clear("b"));

        const string view = """
            SELECT string_agg(concat_ws(' ', position, stream, version, type, data, metadata), E'\n' ORDER BY position)
            FROM {schema}.event_log
            """;
        Assert.Equal(
            """
            1 order/\x610062 1 changed {"a":1} {}
            2 order/\x610062 2 changed \xff00 {}
            3 order/b 1 granary.tombstone  {}
            4 order/b 0 granary.stream-cleared  {}
            """,
            await Data.ScalarAsync<string>(view));
    }
}
