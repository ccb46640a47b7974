using System.Net;
using Granary.Silo;

namespace Granary.Tests.Integration;

/// <summary>Silos that cannot reach each other are no cluster, and the second of them says so.</summary>
public sealed class ReachableMembersTests : IDisposable
{
    private static readonly DateTime Noon = new(2026, 1, 1, 12, 0, 0, DateTimeKind.Utc);

    private readonly TempFolder _data = new();

    [Theory]
    [InlineData("127.0.0.1", "10.0.0.2", "it is 127.0.0.1")]
    [InlineData("127.0.0.1", "127.0.0.1", "it is 127.0.0.1")]
    [InlineData("::1", "10.0.0.2", "it is ::1")]
    [InlineData("10.0.0.1", "127.0.0.1", "whose address is 127.0.0.1")]
    [InlineData("10.0.0.1", "10.0.0.2", null)]
    public void An_address_of_loopback_is_for_one_machine(string own, string other, string? expected)
    {
        var fault = Fault(own, Member(other));

        if (expected is null) Assert.Null(fault);
        else Assert.Contains(expected, fault, StringComparison.Ordinal);
    }

    [Fact]
    public void Silos_that_are_here_or_gone_do_not_count()
    {
        Assert.NotNull(Fault("127.0.0.1", Member("127.0.0.1")));
        Assert.Null(Fault("127.0.0.1", Member("127.0.0.1", host: "here")));
        Assert.Null(Fault("127.0.0.1", Member("127.0.0.1", port: 11111)));
        Assert.Null(Fault("127.0.0.1", Member("127.0.0.1", status: SiloStatus.Dead)));
        Assert.Null(Fault("127.0.0.1", Member("127.0.0.1", alive: Noon.AddSeconds(-1))));
    }

    [Fact]
    public async Task A_silo_with_the_default_address_does_not_join_those_of_another_machine()
    {
        await using var database = await PostgresDatabase.CreateAsync();
        await using var first = await SiloProcess.StartAsync(Launch(database));
        await database.ExecuteAsync("update granary_cluster.membership set hostname = 'elsewhere'");

        await using var second = Launch(database);
        await second.ExitAsync();

        Assert.Equal(1, second.ExitCode);
        Assert.Contains("Granary:AdvertisedAddress", second.Output, StringComparison.Ordinal);
        Assert.Contains("elsewhere", second.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("defect", second.Output, StringComparison.Ordinal);
        Assert.Equal(1L, await database.ReadAsync<long>("select count(*) from granary_cluster.membership"));
    }

    public void Dispose() => _data.Dispose();

    private SiloProcess Launch(PostgresDatabase database) => SiloProcess.Launch(
        _data.Path,
        [("Granary__Cluster", "postgres"), ("Granary__ClusterConnectionString", database.ConnectionString)]);

    private static string? Fault(string own, MembershipEntry member) => ReachableMembers.Fault(
        SiloAddress.New(IPAddress.Parse(own), 11111, 1), "here", [member], Noon);

    private static MembershipEntry Member(
        string address, string host = "there", int port = 11112, SiloStatus status = SiloStatus.Active,
        DateTime? alive = null) => new()
        {
            SiloAddress = SiloAddress.New(IPAddress.Parse(address), port, 1),
            HostName = host,
            Status = status,
            IAmAliveTime = alive ?? Noon,
        };
}
