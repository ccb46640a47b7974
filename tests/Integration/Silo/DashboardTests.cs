using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace Granary.Tests.Integration;

public sealed class DashboardTests : IDisposable
{
    private readonly TempFolder _data = new();

    [Fact]
    public async Task There_is_none_by_default_and_its_grains_own_no_category()
    {
        await using var silo = await SiloProcess.StartAsync(_data.Path);
        (await silo.Api.GetAsync("/dashboard/")).IsProblem(HttpStatusCode.NotFound);
        (await silo.Api.PostAsync("/api/streams/dashboard/1", Events.Numbered(1))).Is(HttpStatusCode.Created);
    }

    [Fact]
    public async Task Loopback_sees_the_silo_and_its_grains_and_others_see_nothing()
    {
        using var ports = FreePorts.Reserve(1);
        await using var silo = SiloProcess.Launch(
            _data.Path, $"--Granary:Url=http://0.0.0.0:{ports[0]}", "--Granary:Dashboard=loopback");
        await silo.SaysAsync($"localhost:{ports[0]}/dashboard");
        using var own = new Api(new Uri($"http://127.0.0.1:{ports[0]}"));
        (await own.PostAsync("/api/streams/a/1", Events.Numbered(1))).Is(HttpStatusCode.Created);

        var page = (await own.GetAsync("/dashboard/")).Is(HttpStatusCode.OK);
        Assert.Equal("text/html", page.ContentType);
        var counters = (await own.GetAsync("/dashboard/DashboardCounters")).Is(HttpStatusCode.OK).Json;
        Assert.NotNull(counters["totalActiveHostCount"]);
        Assert.DoesNotContain(
            "/dashboard", (await own.GetAsync("/openapi/granary.json")).Text, StringComparison.Ordinal);

        var outer = NetworkInterface.GetAllNetworkInterfaces()
            .SelectMany(static one => one.GetIPProperties().UnicastAddresses)
            .Select(static one => one.Address)
            .FirstOrDefault(static one => one.AddressFamily == AddressFamily.InterNetwork
                && !IPAddress.IsLoopback(one));
        Assert.SkipWhen(outer is null, "This machine has no address but loopback.");
        using var other = new Api(new Uri($"http://{outer}:{ports[0]}"));
        (await other.GetAsync("/health/live")).Is(HttpStatusCode.OK);
        foreach (var path in new[] { "/dashboard/", "/dashboard/DashboardCounters", "/dashboard/Trace" })
            (await other.GetAsync(path)).Is(HttpStatusCode.NotFound);
    }

    public void Dispose() => _data.Dispose();
}
