using System.Net;
using System.Text.Json.Nodes;

namespace Granary.Tests.Integration;

public sealed class GitHubWebhooksTests : IDisposable
{
    private readonly TempFolder _data = new();

    [Fact]
    public async Task Every_payload_comes_back_equal_and_every_past_state_is_the_fold_also_after_a_crash()
    {
        var payloads = WebhookPayloads.Read();
        Assert.Equal(WebhookPayloads.Count, payloads.Count);
        var streams = payloads.GroupBy(payload => (payload.Category, payload.Key)).ToList();

        await using (var silo = await SiloProcess.StartAsync(_data.Path))
        {
            foreach (var payload in payloads) await PostAsync(silo.Api, payload);
            foreach (var stream in streams) await AssertStreamAsync(silo.Api, stream.Key, [.. stream]);
            await silo.KillAsync();
        }

        await using var again = await SiloProcess.StartAsync(_data.Path);
        foreach (var stream in streams) await AssertStreamAsync(again.Api, stream.Key, [.. stream]);
        Assert.Equal(WebhookPayloads.Count, (await again.Api.PagesAsync("/api/log?partition=0", limit: 100)).Count);
    }

    public void Dispose() => _data.Dispose();

    private static async Task PostAsync(Api api, WebhookPayload payload) =>
        (await api.PostAsync(Api.Stream(payload.Category, payload.Key), Events.One(payload.Type,
            payload.Data.DeepClone())))
            .Is(HttpStatusCode.Created);

    private static async Task AssertStreamAsync(
        Api api, (string Category, string Key) name, IReadOnlyList<WebhookPayload> payloads)
    {
        var path = Api.Stream(name.Category, name.Key);
        var events = await api.PagesAsync(path + "/events", limit: 50);
        Assert.Equal(payloads.Count, events.Count);

        JsonNode? state = null;
        for (var index = 0; index < payloads.Count; index++)
        {
            var version = index + 1;
            Assert.Equal(version, events[index]["version"]!.GetValue<long>());
            Assert.Equal(payloads[index].Type, events[index]["type"]!.GetValue<string>());
            Assert.True(
                JsonNode.DeepEquals(payloads[index].Data, events[index]["data"]),
                    $"{path} event {version} came back changed");

            state = MergePatch.Apply(state, payloads[index].Data);
            var answer = (await api.GetAsync($"{path}/state?version={version}")).Is(HttpStatusCode.OK);
            Assert.True(JsonNode.DeepEquals(state, answer.Json["state"]),
                $"{path} has another state at version {version}");
        }
    }
}
