using System.Net;
using System.Text.Json.Nodes;

namespace Granary.Tests.Integration;

/// <summary>What a sender delivers again after a restart is found, whether by a snapshot or by replay.</summary>
public sealed class RedeliveryTests : IDisposable
{
    private const string Path = "/api/streams/delivered/1";
    private const string Batch = "application/cloudevents-batch+json";

    private readonly TempFolder _data = new();

    [Theory]
    [InlineData("--Granary:Snapshots:Enabled=false")]
    [InlineData("--Granary:Snapshots:EventsMin=1 --Granary:Snapshots:EventsMax=1")]
    public async Task A_CloudEvent_that_is_delivered_again_after_a_restart_is_stored_once(string snapshots)
    {
        var arguments = snapshots.Split(' ');
        await using (var silo = await SiloProcess.StartAsync(_data.Path, arguments))
        {
            (await DeliverAsync(silo, 0, 10)).Is(HttpStatusCode.Created);
            (await silo.Api.PostAsync(Path, Events.Numbered(5))).Is(HttpStatusCode.Created);
            (await DeliverAsync(silo, 5, 10)).Is(HttpStatusCode.Created);
            await silo.StopAsync();
        }

        await using var again = await SiloProcess.StartAsync(_data.Path, arguments);
        var answer = (await DeliverAsync(again, 8, 4)).Is(HttpStatusCode.OK).Json;
        Assert.Equal((9, 17), (answer["firstVersion"]!.GetValue<long>(), answer["version"]!.GetValue<long>()));
        Assert.Equal(17, answer["position"]!.GetValue<long>());
        (await DeliverAsync(again, 12, 4)).Is(HttpStatusCode.Created);
        var ids = (await again.Api.PagesAsync(Path + "/events"))
            .Select(static one => one["metadata"]!["ce-id"]?.GetValue<string>()).OfType<string>();
        Assert.Equal(Enumerable.Range(0, 16).Select(static id => $"{id}"), ids);
    }

    public void Dispose() => _data.Dispose();

    private static Task<Answer> DeliverAsync(SiloProcess silo, int first, int count) => silo.Api.PostAsync(
        Path,
        new JsonArray([.. Enumerable.Range(first, count).Select(static id => new JsonObject
        {
            ["specversion"] = "1.0", ["id"] = $"{id}", ["source"] = "/s", ["type"] = "t",
        })]).ToJsonString(),
        Batch);
}
