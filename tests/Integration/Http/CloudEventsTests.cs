using System.Net;
using System.Net.Http.Headers;
using System.Net.Mime;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CloudNative.CloudEvents;
using CloudNative.CloudEvents.SystemTextJson;

namespace Granary.Tests.Integration;

/// <summary>What CNCF's own SDK writes is accepted, and it reads back what was stored.</summary>
[Collection(SharedSilo.Name)]
public sealed class CloudEventsTests(SiloFixture fixture)
{
    private const string CloudEventBatch = "application/cloudevents-batch+json";

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
    public async Task A_binary_event_in_headers_that_are_percent_encoded_lands_with_its_extensions()
    {
        var sent = New(1);
        sent.Subject = "Bestellung für 5 € 🔑";
        sent["kind"] = "a b";
        var content = new ReadOnlyMemoryContent(Formatter.EncodeBinaryModeEventData(sent));
        content.Headers.ContentType = MediaTypeHeaderValue.Parse("application/json");
        (await Api.SendAsync(
                HttpMethod.Post, Path, content, ("ce-specversion", "1.0"), ("ce-id", sent.Id!), ("CE-Type", sent.Type!),
                ("ce-source", sent.Source!.ToString()), ("ce-subject", Uri.EscapeDataString(sent.Subject)),
                ("ce-kind", "a%20b"), ("ce-time", sent.Time!.Value.ToString("O"))))
            .Is(HttpStatusCode.Created);
        await AssertStoredAsync(sent);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Data_that_are_bytes_come_back_as_bytes(bool structured)
    {
        var sent = New(1);
        sent.DataContentType = "image/png";
        sent.Data = new byte[] { 0, 1, 254, 255 };
        if (structured)
        {
            await PostAsync(Formatter.EncodeStructuredModeMessage(sent, out var type), type);
        }
        else
        {
            var content = new ByteArrayContent((byte[])sent.Data);
            content.Headers.ContentType = MediaTypeHeaderValue.Parse("image/png");
            (await Api.SendAsync(
                    HttpMethod.Post, Path, content, ("ce-specversion", "1.0"), ("ce-id", sent.Id!),
                    ("ce-type", sent.Type!), ("ce-source", sent.Source!.ToString()), ("ce-subject", sent.Subject!),
                    ("ce-time", sent.Time!.Value.ToString("O"))))
                .Is(HttpStatusCode.Created);
        }

        await AssertStoredAsync(sent);
    }

    [Fact]
    public async Task An_event_without_data_lands_in_both_modes()
    {
        var sent = New(1);
        (sent.Data, sent.DataContentType) = (null, null);
        await PostAsync(Formatter.EncodeStructuredModeMessage(sent, out var type), type);
        (await Api.SendAsync(
                HttpMethod.Post, Path, null, ("ce-specversion", "1.0"), ("ce-id", sent.Id!), ("ce-type", sent.Type!),
                ("ce-source", sent.Source!.ToString()), ("ce-subject", sent.Subject!),
                ("ce-time", sent.Time!.Value.ToString("O"))))
            .Is(HttpStatusCode.OK);
        await AssertStoredAsync(sent);
    }

    [Fact]
    public async Task A_batch_is_answered_as_one_append_and_an_empty_one_is_nothing()
    {
        (await Api.PostAsync(Path, "[]", CloudEventBatch)).Is(HttpStatusCode.NoContent);
        (await Api.GetAsync(Path)).Is(HttpStatusCode.NotFound);
        var body = Formatter.EncodeBatchModeMessage([New(1), New(2)], out var type);
        var answer = (await SendAsync(body, type)).Is(HttpStatusCode.Created);
        Assert.Equal(1, answer.Json["firstVersion"]!.GetValue<long>());
        Assert.Equal(2, answer.Json["version"]!.GetValue<long>());
    }

    [Fact]
    public async Task A_batch_with_one_event_that_is_none_leaves_nothing()
    {
        const string Body =
            """[{"specversion":"1.0","id":"1","source":"/s","type":"t"},{"specversion":"1.0","id":"2","type":"t"}]""";
        (await Api.PostAsync(Path, Body, CloudEventBatch)).IsProblem(HttpStatusCode.BadRequest);
        (await Api.GetAsync(Path)).Is(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task The_same_event_sent_again_is_stored_once()
    {
        var body = Formatter.EncodeStructuredModeMessage(New(1), out var type);
        (await SendAsync(body, type)).Is(HttpStatusCode.Created);
        (await SendAsync(body, type)).Is(HttpStatusCode.OK);
        Assert.Single(await Api.PagesAsync(Path + "/events"));
    }

    [Theory]
    [InlineData("""{"specversion":"1.0","id":"1","source":"/s"}""")]
    [InlineData("""{"specversion":"1.0","source":"/s","type":"t"}""")]
    [InlineData("""{"specversion":"1.0","id":"1","type":"t"}""")]
    [InlineData("""{"specversion":"0.3","id":"1","source":"/s","type":"t"}""")]
    [InlineData("""{"specversion":"1.0","id":"","source":"/s","type":"t"}""")]
    [InlineData("""{"specversion":"1.0","id":"1","source":"/s","type":"t","data":1,"data_base64":"AQ=="}""")]
    [InlineData("""{"specversion":"1.0","id":7,"source":"/s","type":"t"}""")]
    [InlineData("""{"specversion":"1.0","id":"1","source":"/s","type":"t","time":"yesterday"}""")]
    [InlineData("""{"specversion":"1.0","id":"1","source":"/s","type":"t","Upper":"x"}""")]
    public async Task What_is_no_CloudEvent_is_refused(string body)
    {
        (await Api.PostAsync(Path, body, "application/cloudevents+json")).IsProblem(HttpStatusCode.BadRequest);
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
            Assert.Equal(before.DataContentType, after.DataContentType);
            Assert.Equal(before["kind"], after["kind"]);
            Assert.Equal(Comparable(before.Data), Comparable(after.Data));
        }
    }

    private static string? Comparable(object? data) => data switch
    {
        JsonElement json => json.GetRawText(),
        byte[] bytes => Convert.ToBase64String(bytes),
        _ => null,
    };

    // Attributes of CloudEvents that Granary has no field for are kept among the metadata.
    private static JsonObject AsCloudEvent(JsonNode stored)
    {
        var cloudEvent = new JsonObject
        {
            ["specversion"] = "1.0",
            ["type"] = stored["type"]!.GetValue<string>(),
        };
        var metadata = stored["metadata"]!.AsObject();
        var data = metadata.ContainsKey("ce-data_base64") ? "data_base64" : "data";
        if (stored["data"] is { } value) cloudEvent[data] = value.DeepClone();
        foreach (var (name, attribute) in metadata)
        {
            if (name == "ce-data_base64") continue;
            if (name.StartsWith("ce-", StringComparison.Ordinal)) cloudEvent[name[3..]] = attribute!.GetValue<string>();
        }

        return cloudEvent;
    }
}
