using System.Net;
using Azure.Storage;
using Azure.Storage.Sas;

namespace Granary.Tests.Integration;

/// <summary>A cluster over a storage account, which has its events too.</summary>
public sealed class AzureClusterTests() : ClusterTests("azure", static () => AzuriteServer.ConnectionString)
{
    private readonly string _name = $"test{Uuid7.New(TimeProvider.System):n}";

    private string[] Ids => [$"--Granary:ClusterId={_name}", $"--Granary:ServiceId={_name}"];

    protected override string? SkipReason => AzuriteServer.SkipReason;

    protected override (string Name, string Value)[] Store =>
    [
        ("Granary__Store", "azure"), ("Granary__Azure__Name", _name),
    ];

    [Fact]
    public async Task A_cluster_whose_silos_are_all_killed_at_once_comes_back_with_all_that_it_kept()
    {
        Assert.SkipWhen(SkipReason is not null, SkipReason ?? "");
        var starting = new[] { StartAsync(), StartAsync() };
        await Task.WhenAll(starting);
        await using var one = await starting[0];
        await using var other = await starting[1];
        await AwaitMembersAsync(one, 2);
        (await one.Api.PostAsync("/probe/kept/state/7", "")).Is(HttpStatusCode.OK);
        (await one.Api.PostAsync("/probe/kept/reminder", "")).Is(HttpStatusCode.OK);
        (await other.Api.PostAsync("/api/streams/cluster/1", Events.Numbered(3))).Is(HttpStatusCode.Created);
        await Task.WhenAll(one.KillAsync(), other.KillAsync());

        // At the addresses that they had: then the list's entries of before are theirs.
        var again = new[] { StartAsync(PortsOf(one)), StartAsync(PortsOf(other)) };
        await Task.WhenAll(again);
        await using var next = await again[0];
        await using var last = await again[1];
        await AwaitMembersAsync(next, 2);
        Assert.Equal("7", (await next.Api.GetAsync("/probe/kept/state")).Is(HttpStatusCode.OK).Text);
        Assert.Equal("true", (await last.Api.GetAsync("/probe/kept/reminder")).Is(HttpStatusCode.OK).Text);
        Assert.Equal(3, (await last.Api.PagesAsync("/api/streams/cluster/1/events")).Count);
        (await next.Api.PostAsync("/api/streams/cluster/1", Events.Numbered(1), ("If-Match", "\"3\"")))
            .Is(HttpStatusCode.Created);

        var key = AzuriteServer.ConnectionString.Split("AccountKey=")[1].Split(';')[0];
        foreach (var silo in new[] { one, other, next, last })
            Assert.DoesNotContain(key, silo.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_silo_that_stood_still_until_it_was_declared_dead_adds_nothing_to_what_was_written_meanwhile()
    {
        const int Streams = 20;
        Assert.SkipWhen(SkipReason is not null, SkipReason ?? "");
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The signals are those of Linux.");
        var starting = new[] { StartAsync(), StartAsync() };
        await Task.WhenAll(starting);
        await using var one = await starting[0];
        await using var other = await starting[1];
        await AwaitMembersAsync(one, 2);
        await AwaitMembersAsync(other, 2);

        // About half of the streams have their grains, and what these know of them, on the other silo.
        for (var at = 0; at < Streams; at++) (await AppendAsync(other, at, 1, 0)).Is(HttpStatusCode.Created);
        other.Suspend();
        var asked = Enumerable.Range(0, Streams).Select(at => TryAppendAsync(other, at)).ToArray();
        await AwaitMembersAsync(one, 1);
        for (var at = 0; at < Streams; at++) (await AppendAsync(one, at, 2, 1)).Is(HttpStatusCode.Created);
        other.Resume();

        Assert.DoesNotContain(HttpStatusCode.Created, await Task.WhenAll(asked));
        await other.ExitAsync();
        for (var at = 0; at < Streams; at++)
            Assert.Equal(3, (await one.Api.PagesAsync($"/api/streams/cluster/s{at}/events")).Count);
    }

    [Fact]
    public async Task A_shared_access_signature_is_enough_and_is_printed_nowhere_not_even_where_it_is_refused()
    {
        Assert.SkipWhen(SkipReason is not null, SkipReason ?? "");
        var parts = AzuriteServer.ConnectionString.Split(';', StringSplitOptions.RemoveEmptyEntries)
            .Select(static one => one.Split('=', 2)).ToDictionary(static one => one[0], static one => one[1]);
        var signature = new AccountSasBuilder(
            AccountSasPermissions.All, TimeProvider.System.GetUtcNow().AddDays(1), AccountSasServices.All,
            AccountSasResourceTypes.All).ToSasQueryParameters(
            new StorageSharedKeyCredential(parts["AccountName"], parts["AccountKey"]));
        var signed = $"TableEndpoint={parts["TableEndpoint"]};BlobEndpoint={parts["BlobEndpoint"]};"
            + $"SharedAccessSignature={signature}";
        await using var silo = await SiloProcess.StartAsync(SiloProcess.Launch(
            ProbeSilo.Command, Path.GetTempPath(), On(signed), Ids));
        (await silo.Api.PostAsync("/probe/signed/state/3", "")).Is(HttpStatusCode.OK);
        Assert.Equal("3", (await silo.Api.GetAsync("/probe/signed/state")).Is(HttpStatusCode.OK).Text);
        await silo.StopAsync();
        Assert.DoesNotContain("sig=", silo.Output, StringComparison.OrdinalIgnoreCase);

        await using var refused = SiloProcess.Launch(
            Path.GetTempPath(), On(signed.Replace("sig=", "sig=AAAA", StringComparison.Ordinal)), Ids);
        await refused.ExitAsync();
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("Granary:ClusterConnectionString", refused.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("sig=", refused.Output, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("AAAA", refused.Output, StringComparison.Ordinal);
    }

    private static Task<Answer> AppendAsync(SiloProcess silo, int stream, int count, long expected) =>
        silo.Api.PostAsync($"/api/streams/cluster/s{stream}", Events.Numbered(count),
            expected == 0 ? ("If-None-Match", "*") : ("If-Match", $"\"{expected}\""));

    // Null where the silo has ended before it answered.
    private static async Task<HttpStatusCode?> TryAppendAsync(SiloProcess silo, int stream)
    {
        try
        {
            return (await AppendAsync(silo, stream, 1, 1)).Status;
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    private (string Name, string Value)[] On(string connectionString) =>
        [("Granary__Cluster", "azure"), ("Granary__ClusterConnectionString", connectionString), .. Store];

    private static string[] PortsOf(SiloProcess silo) =>
        [$"--Granary:SiloPort={silo.SiloPort}", $"--Granary:GatewayPort={silo.GatewayPort}"];
}
