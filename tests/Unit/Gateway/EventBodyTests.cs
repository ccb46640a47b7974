using System.Text;
using System.Text.Json;
using Granary.Contracts;
using Granary.Gateway;

namespace Granary.Tests.Unit.Gateway;

public sealed class EventBodyTests
{
    private const string Json = "application/json";

    [Fact]
    public async Task An_events_data_is_kept_byte_by_byte()
    {
        var one = Assert.Single(await ReadAsync("""{"type":"a","data":{ "n" : 1.50, "t":"\u00e4" }}"""));
        Assert.Equal("a", one.Type);
        Assert.Equal("""{ "n" : 1.50, "t":"\u00e4" }""", Encoding.UTF8.GetString(one.Data!));
    }

    [Fact]
    public async Task Null_data_is_no_data()
    {
        Assert.Null(Assert.Single(await ReadAsync("""{"type":"a","data":null}""")).Data);
        Assert.Null(Assert.Single(await ReadAsync("""{"type":"a"}""")).Data);
    }

    [Theory]
    [InlineData("""{"type":"a","metadata":{}}""")]
    [InlineData("""{"type":"a","metadata":null}""")]
    public async Task Empty_metadata_is_no_metadata(string body)
    {
        Assert.Null(Assert.Single(await ReadAsync(body)).Metadata);
        Assert.Null(Assert.Single(EventBody.ReadWhole(Encoding.UTF8.GetBytes(body))).Metadata);
    }

    [Fact]
    public async Task An_array_keeps_its_order() =>
        Assert.Equal(["a", "b"], (await ReadAsync("""[{"type":"a"},{"type":"b"}]""")).Select(one => one.Type));

    [Theory]
    [InlineData("[]")]
    [InlineData("7")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"type":null}""")]
    [InlineData("""{"type":"granary.own"}""")]
    [InlineData("""{"type":"a","id":"00000000-0000-0000-0000-000000000000"}""")]
    [InlineData("""{"type":"a","id":" 019a0000-0000-7000-8000-000000000001 "}""")]
    [InlineData("""{"type":"a","id":"0x9a0000-0000-7000-8000-000000000001"}""")]
    [InlineData("""{"type":"a","id":"019a0000-0000-7000-+000-000000000001"}""")]
    [InlineData("""{"type":"a","unknown":1}""")]
    [InlineData("""{"type":"a","metadata":{"n":1}}""")]
    [InlineData("""{"type":"a","metadata":{"granary.command":"x"}}""")]
    [InlineData("""{"type":"a","data":"\ud800"}""")]
    [InlineData("""{"type":"a","data":{"\udc00":1}}""")]
    [InlineData("""{"type":"\ud800"}""")]
    public async Task What_is_no_event_is_400(string body) =>
        Assert.Equal(400, (await Assert.ThrowsAsync<ApiProblem>(() => ReadAsync(body))).Status);

    [Fact]
    public async Task A_property_that_is_given_twice_is_reported_with_its_position()
    {
        const string body = "{\"type\":\"a\",\n \"data\":{\"n\":1,\n  \"n\":2}}";
        var fault = await Assert.ThrowsAnyAsync<JsonException>(() => ReadAsync(body));
        Assert.Equal((2L, 2L), (fault.LineNumber, fault.BytePositionInLine));
    }

    [Fact]
    public async Task A_byte_order_mark_is_passed_over()
    {
        byte[] body = [0xEF, 0xBB, 0xBF, .. """{"type":"a"}"""u8];
        Assert.Equal("a", Assert.Single((await EventBody.ReadAsync(Requests.Post(body, Json))).Events).Type);
    }

    [Theory]
    [InlineData("iso-8859-1")]
    [InlineData("utf-16")]
    public async Task Another_encoding_than_UTF8_is_415(string charset)
    {
        var request = Requests.Post("""{"type":"a"}""", $"{Json}; charset={charset}");
        var problem = await Assert.ThrowsAsync<ApiProblem>(async () => await EventBody.ReadAsync(request));
        Assert.Equal(415, problem.Status);
    }

    [Fact]
    public async Task What_is_accepted_is_not_too_deep_to_be_read_back_within_a_page()
    {
        static string Nested(int levels) =>
            $$"""[{"type":"a","data":{{new string('[', levels)}}{{new string(']', levels)}}}]""";

        var data = Assert.Single(await ReadAsync(Nested(58))).Data!;
        JsonDocument.Parse($$"""{"events":[{"data":{{Encoding.UTF8.GetString(data)}}}]}""").Dispose();
        await Assert.ThrowsAnyAsync<JsonException>(() => ReadAsync(Nested(59)));
    }

    [Theory]
    [InlineData("""{"type":"a","type":"b"}""")]
    [InlineData("""{"type":"a","data":{"n":1,"n":2}}""")]
    [InlineData("""{"type":"a"},""")]
    [InlineData("""{"type":"a" // why""")]
    public async Task Malformed_JSON_is_a_JSON_error(string body) =>
        await Assert.ThrowsAnyAsync<JsonException>(() => ReadAsync(body));

    [Fact]
    public async Task Bytes_that_are_no_UTF8_are_400()
    {
        byte[] body = [.. "{\"type\":\""u8, 0xFF, .. "\"}"u8];
        var problem = await Assert.ThrowsAsync<ApiProblem>(
            async () => await EventBody.ReadAsync(Requests.Post(body, Json)));
        Assert.Equal(400, problem.Status);
    }

    [Theory]
    [InlineData("")]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    public async Task An_unknown_content_type_is_415(string type)
    {
        var request = Requests.Post("{}", type);
        var problem = await Assert.ThrowsAsync<ApiProblem>(async () => await EventBody.ReadAsync(request));
        Assert.Equal(415, problem.Status);
    }

    [Fact]
    public async Task A_binary_CloudEvent_keeps_its_attributes_as_metadata()
    {
        var request = Requests.Post(
            """{"n":1}""", Json, ("ce-specversion", "1.0"), ("ce-id", "1"), ("ce-source", "/s"), ("ce-type", "t"),
            ("ce-subject", "Euro%20%E2%82%AC"));
        var one = Assert.Single((await EventBody.ReadAsync(request)).Events);
        Assert.Equal("t", one.Type);
        Assert.Equal("""{"n":1}""", Encoding.UTF8.GetString(one.Data!));
        Assert.Equal("1", one.Metadata!["ce-id"]);
        Assert.Equal("Euro €", one.Metadata["ce-subject"]);
    }

    [Fact]
    public async Task A_binary_CloudEvent_of_another_content_type_is_kept_as_bytes()
    {
        var request = Requests.Post(
            [1, 2, 255], "image/png", ("ce-specversion", "1.0"), ("ce-id", "1"), ("ce-source", "/s"), ("ce-type", "t"));
        var one = Assert.Single((await EventBody.ReadAsync(request)).Events);
        Assert.Equal("\"AQL/\"", Encoding.UTF8.GetString(one.Data!));
        Assert.Equal("image/png", one.Metadata!["ce-datacontenttype"]);
        Assert.Equal("true", one.Metadata[CloudEvents.Base64Mark]);
    }

    [Fact]
    public async Task Attributes_in_headers_without_a_specversion_are_no_CloudEvent()
    {
        var request = Requests.Post("""{"type":"a"}""", Json, ("ce-id", "1"), ("ce-source", "/s"), ("ce-type", "t"));
        var problem = await Assert.ThrowsAsync<ApiProblem>(async () => await EventBody.ReadAsync(request));
        Assert.Equal(400, problem.Status);
    }

    [Fact]
    public async Task A_structured_CloudEvent_keeps_its_extensions_too()
    {
        const string body =
            """{"specversion":"1.0","id":"1","source":"/s","type":"t","n":7,"b":true,"none":null,"data":[1]}""";
        var one = Assert.Single((await EventBody.ReadAsync(Requests.Post(body, CloudEvents.Structured))).Events);
        Assert.Equal("[1]", Encoding.UTF8.GetString(one.Data!));
        Assert.Equal("7", one.Metadata!["ce-n"]);
        Assert.Equal("true", one.Metadata["ce-b"]);
        Assert.False(one.Metadata.ContainsKey("ce-none"));
    }

    [Theory]
    [InlineData("""{"specversion":"1.0","id":"1","source":"/s","type":"granary.own"}""")]
    [InlineData("""{"specversion":"1.0","id":"1","source":"/s","type":"t","deep":{}}""")]
    [InlineData("""{"specversion":1.0,"id":"1","source":"/s","type":"t"}""")]
    [InlineData("""{"specversion":"1.0","id":1,"source":"/s","type":"t"}""")]
    [InlineData("""{"specversion":"1.0","id":"1","source":"/s","type":"t","time":"yesterday"}""")]
    [InlineData("""{"specversion":"1.0","id":"1","source":"/s","type":"t","dataschema":"/relative"}""")]
    [InlineData("""{"specversion":"1.0","id":"1","source":"/s","type":"t","subject":""}""")]
    [InlineData("""{"specversion":"1.0","id":"1","source":"/s","type":"t","Upper":"x"}""")]
    [InlineData("""{"specversion":"1.0","id":"1","source":"/s","type":"t","n":1.5}""")]
    [InlineData("""{"specversion":"1.0","id":"1","source":"/s","type":"t","data_base64":1}""")]
    [InlineData("""{"specversion":"1.0","id":"1","source":"/s","type":"t","data_base64":"!"}""")]
    [InlineData("""{"specversion":"1.0","id":"1","source":"/s","type":"t","datacontenttype":"nonsense"}""")]
    [InlineData("""{"specversion":"1.0","id":"1\u0000","source":"/s","type":"t"}""")]
    [InlineData("""{"specversion":"1.0","id":"1","source":"/s","type":"t\n"}""")]
    [InlineData("""{"specversion":"1.0","id":"1","source":"/s","type":"t","subject":"\u0085"}""")]
    [InlineData("""{"specversion":"1.0","id":"1","source":"/s","type":"t","subject":"\uFFFE"}""")]
    [InlineData("""{"specversion":"1.0","id":"1","source":"/s","type":"t","subject":"\uFDD0"}""")]
    [InlineData("""{"specversion":"1.0","id":"1","source":"/s","type":"t","subject":"\uD83F\uDFFF"}""")]
    public async Task What_is_no_CloudEvent_is_400(string body)
    {
        var request = Requests.Post(body, CloudEvents.Structured);
        var problem = await Assert.ThrowsAsync<ApiProblem>(async () => await EventBody.ReadAsync(request));
        Assert.Equal(400, problem.Status);
    }

    [Theory]
    [InlineData("time", "yesterday", "2026-01-01T00:00:00Z")]
    [InlineData("dataschema", "v2", "a URI with its scheme")]
    [InlineData("subject", "", "not empty")]
    [InlineData("datacontenttype", "nonsense", "application/json")]
    public async Task An_attribute_that_is_refused_is_named_with_the_form_that_it_has(
        string name, string value, string form)
    {
        var body = $$"""{"specversion":"1.0","id":"1","source":"/s","type":"t","{{name}}":"{{value}}"}""";
        var problem = await Assert.ThrowsAsync<ApiProblem>(
            async () => await EventBody.ReadAsync(Requests.Post(body, CloudEvents.Structured)));
        Assert.StartsWith($"A CloudEvent's {name} is ", problem.Message, StringComparison.Ordinal);
        Assert.Contains(form, problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ce-data", "x")]
    [InlineData("ce-subject", "%00")]
    [InlineData("ce-subject", "a%0Ab")]
    [InlineData("ce-subject", "%EF%BF%BF")]
    public async Task A_header_that_is_no_attribute_of_a_CloudEvent_is_400(string name, string value)
    {
        var request = Requests.Post(
            "1", Json, ("ce-specversion", "1.0"), ("ce-id", "1"), ("ce-source", "/s"), ("ce-type", "t"), (name, value));
        var problem = await Assert.ThrowsAsync<ApiProblem>(async () => await EventBody.ReadAsync(request));
        Assert.Equal(400, problem.Status);
    }

    private static async Task<IReadOnlyList<StreamEvent>> ReadAsync(string body) =>
        (await EventBody.ReadAsync(Requests.Post(body, Json + "; charset=utf-8"))).Events;
}
