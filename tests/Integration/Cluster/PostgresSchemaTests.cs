using Granary.Silo;

namespace Granary.Tests.Integration;

public sealed class PostgresSchemaTests
{
    private const string Version = "select version from granary_cluster.schema_version";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Silos_that_start_together_create_the_schema_once()
    {
        await using var database = await PostgresDatabase.CreateAsync();
        var silos = Enumerable.Range(0, 8).Select(_ => new PostgresCluster(database.ConnectionString)).ToArray();

        await Task.WhenAll(silos.Select(static silo => Task.Run(() => silo.ConnectAsync(Token))));

        Assert.Equal(PostgresSchema.Version, await database.ReadAsync<int>(Version));
        foreach (var silo in silos) await silo.DisposeAsync();
    }

    [Fact]
    public async Task A_schema_of_an_earlier_version_gets_the_queries_of_this_one_and_keeps_its_rows()
    {
        await using var database = await PostgresDatabase.CreateAsync();
        await ConnectAsync(database.ConnectionString);
        const string Query = "select querytext from granary_cluster.orleansquery where querykey = 'GatewaysQueryKey'";
        var query = await database.ReadAsync<string>(Query);
        await database.ExecuteAsync("update granary_cluster.orleansquery set querytext = 'select 1'");
        await database.ExecuteAsync("insert into granary_cluster.membership_version values ('kept', 7)");
        await database.ExecuteAsync("update granary_cluster.schema_version set version = 0");

        await ConnectAsync(database.ConnectionString);

        Assert.Equal(query, await database.ReadAsync<string>(Query));
        Assert.Equal(PostgresSchema.Version, await database.ReadAsync<int>(Version));
        Assert.Equal(7, await database.ReadAsync<int>("select version from granary_cluster.membership_version"));
    }

    [Fact]
    public async Task A_schema_of_a_later_version_is_refused_and_left_alone()
    {
        await using var database = await PostgresDatabase.CreateAsync();
        await ConnectAsync(database.ConnectionString);
        await database.ExecuteAsync("update granary_cluster.schema_version set version = 99");

        var fault = await Assert.ThrowsAsync<IOException>(() => ConnectAsync(database.ConnectionString));

        Assert.Contains("Granary:ClusterConnectionString: ", fault.Message, StringComparison.Ordinal);
        Assert.Contains("99", fault.Message, StringComparison.Ordinal);
        Assert.Equal(99, await database.ReadAsync<int>(Version));
    }

    [Fact]
    public async Task A_user_that_may_create_nothing_uses_a_schema_that_is_there_and_is_refused_where_none_is()
    {
        await using var database = await PostgresDatabase.CreateAsync();
        var user = $"test_{Uuid7.New(TimeProvider.System):n}";
        await database.ExecuteAsync($"create role {user} login");
        try
        {
            var fault = await Assert.ThrowsAsync<IOException>(() => ConnectAsync(database.As(user)));
            Assert.Contains("42501", fault.Message, StringComparison.Ordinal);

            await ConnectAsync(database.ConnectionString);
            await database.ExecuteAsync($"grant usage on schema granary_cluster to {user}");
            await database.ExecuteAsync($"grant select on all tables in schema granary_cluster to {user}");
            await ConnectAsync(database.As(user));
        }
        finally
        {
            await database.ExecuteAsync($"drop owned by {user}; drop role {user}");
        }
    }

    [Fact]
    public async Task A_role_that_owns_the_schema_alone_creates_what_is_in_it()
    {
        await using var database = await PostgresDatabase.CreateAsync();
        var user = $"test_{Uuid7.New(TimeProvider.System):n}";
        await database.ExecuteAsync($"create role {user} login; create schema granary_cluster authorization {user}");
        try
        {
            await ConnectAsync(database.As(user));
            Assert.Equal(PostgresSchema.Version, await database.ReadAsync<int>(Version));
        }
        finally
        {
            await database.ExecuteAsync($"drop owned by {user}; drop role {user}");
        }
    }

    private static async Task ConnectAsync(string connectionString)
    {
        await using var cluster = new PostgresCluster(connectionString);
        await cluster.ConnectAsync(Token);
    }
}
