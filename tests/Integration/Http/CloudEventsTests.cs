using System.Net;
using System.Net.Http.Headers;
using System.Net.Mime;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CloudNative.CloudEvents;
using CloudNative.CloudEvents.SystemTextJson;

namespace Granary.Tests.Integration;

/// <summary>What CNCF's own SDK writes is taken, and it reads back what was stored.</summary>
[Collection(SharedSilo.Name)]
public sealed class CloudEventsTests(SiloFixture fixture)
{
    private static readonly JsonEventFormatter Formatter = new();

    private readonly string _key = Events.NewKey();

    private Api Api => fixture.Api;

    private string Path => Api.Stream("orders", _key);

    [Fact]
    public async Task A_structured_event_lands()
    {
        var sent = New(1);
        await PostAsync(Formatter.EncodeStructuredModeMessage(sent, out var type), type);
        await AssertStoredAsync(sent);
    }

    [Fact]
    public async Task A_batch_lands_as_one_append()
    {
        CloudEvent[] sent = [New(1), New(2), New(3)];
        await PostAsync(Formatter.EncodeBatchModeMessage(sent, out var type), type);
        await AssertStoredAsync(sent);
    }

    [Fact]
    public async Task A_binary_event_lands()
    {
        var sent = New(1);
        var content = new ReadOnlyMemoryContent(Formatter.EncodeBinaryModeEventData(sent));
        content.Headers.ContentType = MediaTypeHeaderValue.Parse("application/json");
        (await Api.SendAsync(
                HttpMethod.Post, Path, content, ("ce-specversion", "1.0"), ("ce-id", sent.Id!), ("ce-type", sent.Type!),
                ("ce-source", sent.Source!.ToString()), ("ce-subject", sent.Subject!),
                ("ce-time", sent.Time!.Value.ToString("O"))))
            .Is(HttpStatusCode.Created);
        await AssertStoredAsync(sent);
    }

    [Fact]
    public async Task The_same_event_sent_again_is_stored_once()
    {
        var body = Formatter.EncodeStructuredModeMessage(New(1), out var type);
        (await SendAsync(body, type, ("Idempotency-Key", "ce-1"))).Is(HttpStatusCode.Created);
        (await SendAsync(body, type, ("Idempotency-Key", "ce-1"))).Is(HttpStatusCode.OK);
        Assert.Single(await Api.PagesAsync(Path + "/events"));
    }

    [Theory]
    [InlineData("""{"specversion":"1.0","id":"1","source":"/s"}""")]
    [InlineData("""{"specversion":"1.0","source":"/s","type":"t"}""")]
    [InlineData("""{"specversion":"1.0","id":"1","type":"t"}""")]
    [InlineData("""{"specversion":"0.3","id":"1","source":"/s","type":"t"}""")]
    [InlineData("""{"specversion":"1.0","id":"","source":"/s","type":"t"}""")]
    [InlineData("""{"specversion":"1.0","id":"1","source":"/s","type":"t","data":1,"data_base64":"AQ=="}""")]
    public async Task What_is_no_CloudEvent_is_refused(string body)
    {
        var answer = await Api.PostAsync(Path, body, "application/cloudevents+json");
        Assert.Contains(answer.Status, new[] { HttpStatusCode.BadRequest, HttpStatusCode.UnprocessableEntity });
        answer.IsProblem(answer.Status);
        (await Api.GetAsync(Path)).Is(HttpStatusCode.NotFound);
    }

    private static CloudEvent New(int n) => new()
    {
        Id = $"order-{n}",
        Type = "com.example.order.placed",
        Source = new Uri("https://example.com/shop"),
        Subject = $"order/{n}",
        Time = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero),
        DataContentType = MediaTypeNames.Application.Json,
        Data = JsonSerializer.SerializeToElement(new { n, text = "schön" }),
    };

    private async Task PostAsync(ReadOnlyMemory<byte> body, ContentType type) =>
        (await SendAsync(body, type)).Is(HttpStatusCode.Created);

    private Task<Answer> SendAsync(ReadOnlyMemory<byte> body, ContentType type, params (string, string)[] headers)
    {
        var content = new ReadOnlyMemoryContent(body);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(type.ToString());
        return Api.SendAsync(HttpMethod.Post, Path, content, headers);
    }

    private async Task AssertStoredAsync(params CloudEvent[] sent)
    {
        var recorded = await Api.PagesAsync(Path + "/events");
        Assert.Equal(sent.Length, recorded.Count);
        foreach (var (before, stored) in sent.Zip(recorded))
        {
            var after = Formatter.DecodeStructuredModeMessage(
                Encoding.UTF8.GetBytes(AsCloudEvent(stored).ToJsonString()), null, null);
            Assert.Equal(before.Id, after.Id);
            Assert.Equal(before.Type, after.Type);
            Assert.Equal(before.Source, after.Source);
            Assert.Equal(before.Subject, after.Subject);
            Assert.Equal(before.Time, after.Time);
            Assert.Equal(
                ((JsonElement)before.Data!).GetRawText(), ((JsonElement)after.Data!).GetRawText());
        }
    }

    // What CloudEvents knows and Granary has no field for is kept among the metadata.
    private static JsonObject AsCloudEvent(JsonNode stored)
    {
        var cloudEvent = new JsonObject
        {
            ["specversion"] = "1.0",
            ["type"] = stored["type"]!.GetValue<string>(),
            ["datacontenttype"] = "application/json",
            ["data"] = stored["data"]!.DeepClone(),
        };
        foreach (var (name, value) in stored["metadata"]!.AsObject())
        {
            if (name.StartsWith("ce-", StringComparison.Ordinal)) cloudEvent[name[3..]] = value!.GetValue<string>();
        }

        return cloudEvent;
    }
}
