using System.Net;

namespace Granary.Tests.Integration;

public sealed class RedisClusterTests() : ClusterTests("redis", static () => RedisServer.ConnectionString)
{
    protected override string? SkipReason => RedisServer.SkipReason;
}

public sealed class PostgresClusterTests() : ClusterTests("postgres", static () => PostgresServer.ConnectionString)
{
    protected override string? SkipReason => PostgresServer.SkipReason;
}

/// <summary>The cluster and the store through a pooler that gives each transaction any of its connections.</summary>
public sealed class PooledClusterTests() : ClusterTests("postgres", static () => Pooler.Value.ConnectionString)
{
    // It ends with the process.
    private static readonly Lazy<PgBouncer> Pooler = new(static () => new PgBouncer("transaction"));

    private readonly string _schema = $"test_{Uuid7.New(TimeProvider.System):n}";

    protected override string? SkipReason => PgBouncer.SkipReason;

    protected override (string Name, string Value)[] Store =>
    [
        ("Granary__Store", "postgres"), ("Granary__Postgres__Schema", _schema),
        ("Granary__Postgres__ConnectionString", Pooler.Value.ConnectionString),
    ];
}

/// <summary>Two silos, as processes of their own, over each server that a cluster may have.</summary>
public abstract class ClusterTests(string kind, Func<string> connectionString) : IDisposable
{
    private readonly TempFolder _data = new();
    private readonly string _id = $"test-{Uuid7.New(TimeProvider.System):n}";

    /// <summary>Why the server is not there; null where it is.</summary>
    protected abstract string? SkipReason { get; }

    /// <summary>The settings of the store; the file where there are none.</summary>
    protected virtual (string Name, string Value)[] Store => [];

    [Fact]
    public async Task A_grain_is_called_through_one_silo_lives_on_the_other_and_outlives_it()
    {
        Assert.SkipWhen(SkipReason is not null, SkipReason ?? "");
        var starting = new[] { StartAsync(), StartAsync() };
        await Task.WhenAll(starting);
        await using var one = await starting[0];
        await using var other = await starting[1];
        await AwaitMembersAsync(one, 2);
        await AwaitMembersAsync(other, 2);

        var grain = await FindAsync(one, livesOn: other);
        Assert.Equal(other.SiloPort, await PlaceAsync(other, grain));
        (await one.Api.PostAsync($"/probe/{grain}/state/7", "")).Is(HttpStatusCode.OK);
        (await one.Api.PostAsync($"/probe/{grain}/reminder", "")).Is(HttpStatusCode.OK);
        (await one.Api.PostAsync("/api/streams/cluster/1", Events.Numbered(1))).Is(HttpStatusCode.Created);

        await other.KillAsync();
        await AwaitMembersAsync(one, 1);
        Assert.Equal(one.SiloPort, await PlaceAsync(one, grain));
        Assert.Equal("7", (await one.Api.GetAsync($"/probe/{grain}/state")).Is(HttpStatusCode.OK).Text);
        Assert.Equal("true", (await one.Api.GetAsync($"/probe/{grain}/reminder")).Is(HttpStatusCode.OK).Text);
        (await one.Api.PostAsync("/api/streams/cluster/1", Events.Numbered(1), ("If-Match", "\"1\"")))
            .Is(HttpStatusCode.Created);

        // The last silo is gone too: what the cluster keeps is found by the next.
        await one.StopAsync();
        Assert.Equal(0, one.ExitCode);
        await using var next = await StartAsync();
        Assert.Equal("7", (await next.Api.GetAsync($"/probe/{grain}/state")).Is(HttpStatusCode.OK).Text);
        Assert.Equal("true", (await next.Api.GetAsync($"/probe/{grain}/reminder")).Is(HttpStatusCode.OK).Text);
    }

    [Fact]
    public async Task Silos_of_another_cluster_id_are_another_cluster_and_of_one_service_share_its_state()
    {
        Assert.SkipWhen(SkipReason is not null, SkipReason ?? "");
        await using var one = await StartAsync();
        await using var other = await StartAsync($"--Granary:ClusterId={_id}-other");
        await AwaitMembersAsync(one, 1);
        await AwaitMembersAsync(other, 1);

        (await one.Api.PostAsync("/probe/shared/state/3", "")).Is(HttpStatusCode.OK);
        Assert.Equal("3", (await other.Api.GetAsync("/probe/shared/state")).Is(HttpStatusCode.OK).Text);
        Assert.Equal(other.SiloPort, await PlaceAsync(other, "shared"));
    }

    public void Dispose()
    {
        _data.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected static async Task AwaitMembersAsync(SiloProcess silo, int count) =>
        (await silo.Api.GetAsync($"/members/{count}")).Is(HttpStatusCode.OK);

    private static async Task<int> PlaceAsync(SiloProcess silo, string grain) =>
        int.Parse((await silo.Api.GetAsync($"/probe/{grain}/place")).Is(HttpStatusCode.OK).Text);

    // Each grain is placed at random when it is first called.
    private static async Task<string> FindAsync(SiloProcess through, SiloProcess livesOn)
    {
        for (var key = 0; key < 200; key++)
        {
            if (await PlaceAsync(through, $"{key}") == livesOn.SiloPort) return $"{key}";
        }

        throw new InvalidOperationException("No grain is on the other silo: the two are no cluster.");
    }

    private protected Task<SiloProcess> StartAsync(params string[] arguments) =>
        SiloProcess.StartAsync(SiloProcess.Launch(
            ProbeSilo.Command, _data.Path,
            [("Granary__Cluster", kind), ("Granary__ClusterConnectionString", connectionString()), .. Store],
            [
                $"--Granary:ServiceId={_id}", "--Granary:Membership:ProbeTimeoutMs=1000",
                "--Granary:Membership:ProbesMissedMax=2", .. arguments,
                .. arguments.Any(static one => one.StartsWith("--Granary:ClusterId=", StringComparison.Ordinal))
                    ? Array.Empty<string>()
                    : [$"--Granary:ClusterId={_id}"],
            ]));
}
