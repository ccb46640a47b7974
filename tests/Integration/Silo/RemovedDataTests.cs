using System.Net;

namespace Granary.Tests.Integration;

/// <summary>The folder of the data is removed while the silo runs.</summary>
public sealed class RemovedDataTests : IDisposable
{
    private const string Path = "/api/streams/removed/1";

    private readonly TempFolder _data = new();

    [Fact]
    public async Task A_silo_whose_data_are_removed_acknowledges_nothing_and_is_not_ready()
    {
        var folder = System.IO.Path.Combine(_data.Path, "data");
        await using var silo = await SiloProcess.StartAsync(folder, "--Granary:Journal:RetryTimeoutMs=100");
        (await silo.Api.PostAsync(Path, Events.Numbered(1))).Is(HttpStatusCode.Created);
        Directory.Delete(folder, recursive: true);

        // That the file is there is checked every 50 ms at most; each request here may be the first after that.
        Answer ready;
        do ready = await silo.Api.GetAsync("/health/ready");
        while (ready.Status == HttpStatusCode.OK);
        ready.IsProblem(HttpStatusCode.ServiceUnavailable);

        (await silo.Api.PostAsync(Path, Events.Numbered(1))).IsProblem(HttpStatusCode.ServiceUnavailable);
        (await silo.Api.PostAsync("/api/streams/removed/2", Events.Numbered(1)))
            .IsProblem(HttpStatusCode.ServiceUnavailable);
        (await silo.Api.GetAsync(Path + "/events")).IsProblem(HttpStatusCode.ServiceUnavailable);
        (await silo.Api.GetAsync("/api/log")).IsProblem(HttpStatusCode.ServiceUnavailable);
        (await silo.Api.GetAsync("/health/live")).Is(HttpStatusCode.OK);
        Assert.False(Directory.Exists(folder));

        await silo.StopAsync();
        Assert.Equal(0, silo.ExitCode);
        Assert.False(Directory.Exists(folder));
    }

    public void Dispose() => _data.Dispose();
}
