using Granary.Silo;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace Granary.Tests.Integration;

/// <summary>
/// How soon a silo finds out that the others have declared it dead, and a gateway that a silo is gone. With the minute
/// of Orleans itself a silo that they cannot reach lives on for that long.
/// </summary>
public sealed class MembershipTests
{
    [Theory]
    [InlineData(1_000, 2, 4_000)]
    [InlineData(5_000, 3, 30_000)]
    [InlineData(100, 1, 1_000)]
    [InlineData(600_000, 100, 60_000)]
    public async Task A_silo_reads_the_list_of_members_within_twice_the_time_in_which_one_is_suspected(
        int timeoutMs, int missedMax, int periodMs)
    {
        var membership = await ReadAsync<ClusterMembershipOptions>("silo", timeoutMs, missedMax);

        Assert.Equal(TimeSpan.FromMilliseconds(periodMs), membership.TableRefreshTimeout);
        Assert.Equal(TimeSpan.FromMilliseconds(timeoutMs), membership.ProbeTimeout);
        Assert.Equal(missedMax, membership.NumMissedProbesLimit);
    }

    [Theory]
    [InlineData(1_000, 2, 2_000)]
    [InlineData(5_000, 3, 10_000)]
    [InlineData(100, 1, 1_000)]
    public async Task A_gateway_reads_the_list_of_silos_within_the_time_in_which_one_is_suspected(
        int timeoutMs, int missedMax, int periodMs)
    {
        var gateways = await ReadAsync<GatewayOptions>("gateway", timeoutMs, missedMax);

        Assert.Equal(TimeSpan.FromMilliseconds(periodMs), gateways.GatewayListRefreshPeriod);
    }

    private static async Task<T> ReadAsync<T>(string role, int timeoutMs, int missedMax)
        where T : class
    {
        using var ports = FreePorts.Reserve(3);
        using var data = new TempFolder();
        await using var app = GranarySilo.Build(
        [
            $"--Granary:Role={role}", $"--Granary:Url=http://127.0.0.1:{ports[0]}", $"--Granary:SiloPort={ports[1]}",
            $"--Granary:GatewayPort={ports[2]}", $"--Granary:DataPath={data.Path}", "--Granary:Cluster=redis",
            "--Granary:ClusterConnectionString=127.0.0.1:6379", $"--Granary:Membership:ProbeTimeoutMs={timeoutMs}",
            $"--Granary:Membership:ProbesMissedMax={missedMax}",
        ]);
        return app.Services.GetRequiredService<IOptions<T>>().Value;
    }
}
