using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CloudNative.CloudEvents.SystemTextJson;
using Microsoft.Extensions.DependencyInjection;

namespace Granary.Tests.Integration;

/// <summary>The HTTP binding of CloudEvents: headers, redelivery, reading back, the handshake.</summary>
public sealed class CloudEventTests : IAsyncLifetime
{
    private const string Path = "/api/streams/things/1";
    private const string Structured = "application/cloudevents+json";
    private const string Batch = "application/cloudevents-batch+json";

    private GatewayHost _host = null!;

    private Api Api => _host.Api;

    public async ValueTask InitializeAsync() => _host = await GatewayHost.StartAsync(
        configure: static services => services.Configure<GranaryGatewayOptions>(
            static options => options.WebHookOrigins = "other.example; Sender.example"));

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("\"Euro\"", "Euro")]
    [InlineData("\"a \\\"b\\\" \\\\ c\"", "a \"b\" \\ c")]
    [InlineData("\"%22Euro%20%E2%82%AC\"", "\"Euro €")]
    [InlineData("100%25", "100%")]
    [InlineData("a\"b", "a\"b")]
    public async Task A_header_is_unquoted_and_then_percent_decoded(string sent, string subject)
    {
        Assert.Equal(201, (await SendAsync($"ce-subject: {sent}\r\n")).Status);
        var stored = Assert.Single(await Api.PagesAsync(Path + "/events"));
        Assert.Equal(subject, stored["metadata"]!["ce-subject"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("ce-subject: 100%\r\n")]
    [InlineData("ce-subject: %2\r\n")]
    [InlineData("ce-subject: %zz\r\n")]
    [InlineData("ce-subject: %FF\r\n")]
    [InlineData("ce-subject: \"open\r\n")]
    [InlineData("ce-subject: \"open\\\"\r\n")]
    [InlineData("ce-subject: \"a\" b\r\n")]
    [InlineData("ce-subject: one\r\nce-subject: two\r\n")]
    public async Task A_header_that_is_not_encoded_is_400(string header)
    {
        var (status, text) = await SendAsync(header);
        Assert.True(status == 400, text);
        Assert.Contains("ce-subject", text, StringComparison.OrdinalIgnoreCase);
        (await Api.GetAsync(Path)).IsProblem(HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData("text/json")]
    [InlineData("application/vnd.shop+json")]
    [InlineData("Application/JSON; charset=\"UTF-8\"")]
    public async Task Data_of_every_JSON_type_are_JSON(string contentType)
    {
        var (status, text) = await SendAsync("", contentType, """{"n":1}""");
        Assert.True(status == 201, text);
        var stored = Assert.Single(await Api.PagesAsync(Path + "/events"));
        Assert.Equal(1, stored["data"]!["n"]!.GetValue<int>());
        Assert.Equal(1, (await Api.GetAsync(Path + "/state")).Json["state"]!["n"]!.GetValue<int>());
    }

    [Fact]
    public async Task An_event_that_is_delivered_again_is_stored_once_whatever_else_it_carries_then()
    {
        var first = (await PostAsync("1", ",\"traceparent\":\"a\"")).Is(HttpStatusCode.Created);
        var again = (await PostAsync("1", ",\"traceparent\":\"b\"")).Is(HttpStatusCode.OK);
        Assert.Equal(first.ETag, again.ETag);
        (await PostAsync("2", "")).Is(HttpStatusCode.Created);
        Assert.Equal(2, (await Api.PagesAsync(Path + "/events")).Count);
    }

    [Fact]
    public async Task The_same_source_and_id_with_other_content_is_422()
    {
        (await PostAsync("1", ",\"data\":1")).Is(HttpStatusCode.Created);
        (await PostAsync("1", ",\"data\":2")).IsProblem(HttpStatusCode.UnprocessableEntity);
        Assert.Single(await Api.PagesAsync(Path + "/events"));
    }

    // A sender that had no answer may put what it sends again into other batches.
    [Fact]
    public async Task An_event_that_is_delivered_again_in_another_batch_is_stored_once()
    {
        (await DeliverAsync("1", "2")).Is(HttpStatusCode.Created);
        AssertStored(await DeliverAsync("1", "2"), 1, 2);
        AssertStored(await DeliverAsync("1"), 1, 1);
        AssertStored(await DeliverAsync("2", "1"), 1, 2);
        var added = (await DeliverAsync("2", "3", "1", "4")).Is(HttpStatusCode.Created).Json;
        Assert.Equal((3, 4), (added["firstVersion"]!.GetValue<long>(), added["version"]!.GetValue<long>()));
        AssertStored(await PostAsync("3", ""), 3, 3);
        Assert.Equal(["1", "2", "3", "4"], await IdsAsync());
        (await Api.PostAsync(Path, $"[{Event("5", "")},{Event("4", ",\"data\":2")}]", Batch))
            .IsProblem(HttpStatusCode.UnprocessableEntity);
        Assert.Equal(["1", "2", "3", "4"], await IdsAsync());
    }

    [Fact]
    public async Task An_event_that_a_batch_holds_twice_is_stored_once()
    {
        var stored = (await DeliverAsync("1", "2", "1")).Is(HttpStatusCode.Created).Json;
        Assert.Equal(2, stored["version"]!.GetValue<long>());
        Assert.Equal(["1", "2"], await IdsAsync());
        (await Api.PostAsync(Path, $"[{Event("3", "")},{Event("3", ",\"data\":2")}]", Batch))
            .IsProblem(HttpStatusCode.UnprocessableEntity);
        Assert.Equal(["1", "2"], await IdsAsync());
    }

    [Fact]
    public async Task Of_batches_that_overlap_and_come_at_once_each_event_is_stored_once()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(
            first => DeliverAsync([.. Enumerable.Range(first, 5).Select(static id => $"{id}")])));
        Assert.All(answers, static one => Assert.True(one.Status is HttpStatusCode.Created or HttpStatusCode.OK));
        Assert.Equal(
            Enumerable.Range(0, 24).Select(static id => $"{id}").Order(StringComparer.Ordinal),
            (await IdsAsync()).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData(Path + "/events")]
    [InlineData("/api/log")]
    public async Task Events_are_read_back_as_CloudEvents(string path)
    {
        (await PostAsync("e-1", ",\"subject\":\"s\",\"kind\":7,\"data\":{\"n\":1}")).Is(HttpStatusCode.Created);
        (await PostAsync("e-2", ",\"datacontenttype\":\"image/png\",\"data_base64\":\"AQL/\""))
            .Is(HttpStatusCode.Created);
        var own = Events.One("own", new JsonObject { ["n"] = 3 });
        own["metadata"] = new JsonObject { ["correlationId"] = "c", ["not a name"] = "x", ["type"] = "y" };
        (await Api.PostAsync(Path, own)).Is(HttpStatusCode.Created);

        var answer = (await Api.GetAsync(path, ("Accept", Batch))).Is(HttpStatusCode.OK);
        Assert.Equal(Batch, answer.ContentType);
        Assert.Equal("Accept", answer.Headers["Vary"]);
        var formatter = new JsonEventFormatter();
        var events = formatter.DecodeBatchModeMessage(Encoding.UTF8.GetBytes(answer.Text), null, null);
        Assert.Equal(["e-1", "e-2"], events.Take(2).Select(static one => one.Id));
        Assert.Equal(["t", "t", "own"], events.Select(static one => one.Type));
        Assert.Equal("s", events[0].Subject);
        Assert.Equal("7", events[0]["kind"]);
        Assert.Equal("""{"n":1}""", ((JsonElement)events[0].Data!).GetRawText());
        Assert.Equal("image/png", events[1].DataContentType);
        Assert.Equal(new byte[] { 1, 2, 255 }, events[1].Data);
        Assert.Equal("/api/streams/things/1", events[2].Source!.ToString());
        Assert.Equal("c", events[2]["correlationid"]);
        Assert.Equal(["1", "2", "3"], events.Select(static one => one["granaryversion"]));
        Assert.Equal("3", events[2]["granaryposition"]);
    }

    // Anyone may choose them: without this one event would stop every reader of the log that takes CloudEvents.
    [Theory]
    [InlineData("ce-data_base64", "true")]
    [InlineData("ce-time", "yesterday")]
    [InlineData("ce-dataschema", "v2")]
    [InlineData("dataSchema", "v2")]
    [InlineData("ce-datacontenttype", "text")]
    [InlineData("note", "a\u0007b")]
    public async Task Metadata_that_CloudEvents_forbid_do_not_spoil_the_page(string name, string value)
    {
        var own = Events.One("own", new JsonObject { ["n"] = 3 });
        own["metadata"] = new JsonObject { [name] = value, ["kind"] = "k" };
        (await Api.PostAsync(Path, own)).Is(HttpStatusCode.Created);

        var answer = (await Api.GetAsync("/api/log", ("Accept", Batch))).Is(HttpStatusCode.OK);
        var read = Assert.Single(
            new JsonEventFormatter().DecodeBatchModeMessage(Encoding.UTF8.GetBytes(answer.Text), null, null));
        Assert.Equal("k", read["kind"]);
        Assert.Null(read["note"]);
        Assert.Null(read.DataSchema);
        Assert.Equal("""{"n":3}""", ((JsonElement)read.Data!).GetRawText());
        var stored = Assert.Single(await Api.PagesAsync(Path + "/events"));
        Assert.Equal(value, stored["metadata"]![name]!.GetValue<string>());
    }

    [Fact]
    public async Task Names_with_characters_that_CloudEvents_forbid_do_not_spoil_the_page()
    {
        (await Api.PostAsync(Api.Stream("things", "a\nb é"), Events.One("t\u0007%"))).Is(HttpStatusCode.Created);

        var answer = (await Api.GetAsync("/api/log", ("Accept", Batch))).Is(HttpStatusCode.OK);
        var read = Assert.Single(
            new JsonEventFormatter().DecodeBatchModeMessage(Encoding.UTF8.GetBytes(answer.Text), null, null));
        Assert.Equal(("t%07%", "things/a%0Ab é"), (read.Type, read["granarystream"]));
    }

    [Theory]
    [InlineData("application/json", false)]
    [InlineData("*/*", false)]
    [InlineData("text/html", false)]
    [InlineData(Batch, true)]
    [InlineData(Batch + ", */*;q=0.5", true)]
    [InlineData(Batch + ";q=0.5, application/json", false)]
    [InlineData(Batch + ";q=0", false)]
    [InlineData("nonsense", false)]
    public async Task The_caller_chooses_which_form_it_accepts(string accept, bool isCloudEvents)
    {
        (await PostAsync("1", "")).Is(HttpStatusCode.Created);
        var answer = (await Api.GetAsync(Path + "/events", ("Accept", accept))).Is(HttpStatusCode.OK);
        Assert.Equal(isCloudEvents ? Batch : "application/json", answer.ContentType);
        Assert.Equal(isCloudEvents, answer.Json is JsonArray);
    }

    [Fact]
    public async Task A_sender_may_ask_whether_it_may_deliver()
    {
        var allowed = (await Api.SendAsync(
            HttpMethod.Options, Path, null,
            ("WebHook-Request-Origin", "sender.example"), ("WebHook-Request-Rate", "120")))
            .Is(HttpStatusCode.OK);
        Assert.Equal("sender.example", allowed.Headers["WebHook-Allowed-Origin"]);
        Assert.Equal("120", allowed.Headers["WebHook-Allowed-Rate"]);
        Assert.Equal("GET, HEAD, OPTIONS, POST", allowed.Headers["Allow"]);
        Assert.DoesNotContain(allowed.Headers.Keys, static name =>
            name.StartsWith("Access-Control", StringComparison.OrdinalIgnoreCase));

        var stranger = (await Api.SendAsync(
            HttpMethod.Options, Path, null, ("WebHook-Request-Origin", "stranger.example"))).Is(HttpStatusCode.OK);
        Assert.DoesNotContain(stranger.Headers.Keys, static name =>
            name.StartsWith("WebHook", StringComparison.OrdinalIgnoreCase));

        var plain = (await Api.SendAsync(HttpMethod.Options, Path, null)).Is(HttpStatusCode.OK);
        Assert.False(plain.Headers.ContainsKey("WebHook-Allowed-Origin"));
        (await Api.SendAsync(
            HttpMethod.Options, Path, null,
            ("WebHook-Request-Origin", "sender.example"), ("WebHook-Request-Rate", "0")))
            .IsProblem(HttpStatusCode.BadRequest);
        (await Api.GetAsync(Path)).IsProblem(HttpStatusCode.NotFound);
    }

    private static string Event(string id, string more) =>
        $$"""{"specversion":"1.0","id":"{{id}}","source":"/s","type":"t"{{more}}}""";

    private static void AssertStored(Answer answer, long first, long last)
    {
        var json = answer.Is(HttpStatusCode.OK).Json;
        Assert.Equal("AlreadyAppended", json["outcome"]!.GetValue<string>());
        Assert.Equal((first, last), (json["firstVersion"]!.GetValue<long>(), json["version"]!.GetValue<long>()));
    }

    private Task<Answer> DeliverAsync(params string[] ids) =>
        Api.PostAsync(Path, $"[{string.Join(',', ids.Select(static id => Event(id, "")))}]", Batch);

    private async Task<IEnumerable<string>> IdsAsync() => (await Api.PagesAsync(Path + "/events"))
        .Select(static one => one["metadata"]!["ce-id"]!.GetValue<string>());

    private Task<Answer> PostAsync(string id, string more) => Api.PostAsync(Path, Event(id, more), Structured);

    private Task<(int Status, string Text)> SendAsync(
        string headers, string contentType = "application/json", string body = "{}") => RawRequest.SendAsync(
            _host.Url, "POST", Path,
            $"ce-specversion: 1.0\r\nce-id: 1\r\nce-source: /s\r\nce-type: t\r\n{headers}", body, contentType);
}
