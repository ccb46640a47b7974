using System.Net;
using System.Text.Json.Nodes;

namespace Granary.Tests.Integration;

/// <summary>Every error names what to do, and leaves nothing half-written.</summary>
[Collection(SharedSilo.Name)]
public sealed class ErrorTests(SiloFixture fixture)
{
    private const string FiftyLong = "0123456789 123456789 123456789 123456789 123456789";

    private const string TooLong = FiftyLong + FiftyLong + FiftyLong + FiftyLong + FiftyLong;

    private readonly string _key = Events.NewKey();

    private Api Api => fixture.Api;

    private string Path => Api.Stream("errors", _key);

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("""{"type":"a","data":}""")]
    [InlineData("""[{"type":"a"},]""")]
    [InlineData("""{"type":"a"} trailing""")]
    public async Task Malformed_json_is_400_with_line_and_byte(string body)
    {
        var answer = await Api.PostAsync(Path, body);
        answer.IsProblem(HttpStatusCode.BadRequest);
        Assert.Matches("(?i)line|byte|position|empty", answer.Text);
        await NothingWrittenAsync();
    }

    [Theory]
    [InlineData("{\"type\":\"a\",\n \"type\":\"b\"}", 2, 2)]
    [InlineData("[\n{\"type\":\"a\",\"data\":NaN}]", 2, 20)]
    [InlineData("{\"type\":\"a\",\"data\":Infinity}", 1, 20)]
    [InlineData("{\"type\":\"a\"} x", 1, 14)]
    [InlineData("", 1, 1)]
    public async Task Lines_and_bytes_are_counted_from_one(string body, int line, int at)
    {
        var problem = (await Api.PostAsync(Path, body)).IsProblem(HttpStatusCode.BadRequest);
        Assert.Equal((line, at), (problem["line"]!.GetValue<int>(), problem["byte"]!.GetValue<int>()));
        Assert.DoesNotContain("LineNumber", problem["detail"]!.GetValue<string>(), StringComparison.Ordinal);
        await NothingWrittenAsync();
    }

    [Fact]
    public async Task Json_that_is_nested_without_end_is_400()
    {
        var body = $$"""{"type":"a","data":{{new string('[', 100_000)}}{{new string(']', 100_000)}}}""";
        (await Api.PostAsync(Path, body)).IsProblem(HttpStatusCode.BadRequest);
        await NothingWrittenAsync();
    }

    [Fact]
    public async Task Numbers_of_any_size_come_back_as_they_were_sent()
    {
        const string Data = """{"a":1e400,"b":123456789012345678901234567890.50,"c":-0.0}""";
        (await Api.PostAsync(Path, $$"""{"type":"a","data":{{Data}}}""")).Is(HttpStatusCode.Created);
        Assert.Contains(Data, (await Api.GetAsync(Path + "/events")).Text, StringComparison.Ordinal);
        Assert.Contains(Data, (await Api.GetAsync(Path + "/state")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_in_chunks_is_accepted_and_one_that_breaks_off_leaves_nothing()
    {
        const string Chunked = "Transfer-Encoding: chunked\r\n";
        var target = Api.Stream("errors", _key);
        var broken = await RawRequest.SendAsync(fixture.Silo.Url, "POST", target, Chunked, "zz\r\n{}\r\n0\r\n\r\n");
        Assert.Equal(400, broken.Status);
        await NothingWrittenAsync();
        const string Body = "5\r\n{\"typ\r\n7\r\ne\":\"a\"}\r\n0\r\n\r\n";
        Assert.Equal(201, (await RawRequest.SendAsync(fixture.Silo.Url, "POST", target, Chunked, Body)).Status);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("7")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"data":{}}""")]
    [InlineData("""{"type":"","data":{}}""")]
    [InlineData("""{"type":7,"data":{}}""")]
    [InlineData("""{"type":"granary.tombstone","data":{}}""")]
    [InlineData("""[{"type":"good"},{"data":{}}]""")]
    [InlineData("""{"type":"a","id":"not a uuid"}""")]
    [InlineData("""{"type":"a","metadata":{"n":{"deep":1}}}""")]
    [InlineData("""{"type":"a","metadata":7}""")]
    public async Task Json_that_is_no_event_is_refused_whole(string body)
    {
        (await Api.PostAsync(Path, body)).IsProblem(HttpStatusCode.BadRequest);
        await NothingWrittenAsync();
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/xml")]
    [InlineData("application/json; charset=iso-8859-1")]
    [InlineData("application/json; charset=utf-16")]
    [InlineData("application/vnd.other+json")]
    public async Task An_unknown_content_type_is_415(string contentType)
    {
        (await Api.PostAsync(Path, "<a/>", contentType)).IsProblem(HttpStatusCode.UnsupportedMediaType);
        await NothingWrittenAsync();
    }

    [Fact]
    public async Task An_event_over_its_limit_is_413()
    {
        var large = Events.One("large", new JsonObject { ["text"] = new string('x', 1024 * 1024) });
        (await Api.PostAsync(Path, new JsonArray(Events.One("small"), large)))
            .IsProblem(HttpStatusCode.RequestEntityTooLarge);
        await NothingWrittenAsync();
    }

    [Fact]
    public async Task An_append_over_its_limit_is_413()
    {
        var events = Enumerable.Range(0, 5)
            .Select(_ => Events.One("large", new JsonObject { ["text"] = new string('x', 1_000_000) }));
        (await Api.PostAsync(Path, new JsonArray([.. events]))).IsProblem(HttpStatusCode.RequestEntityTooLarge);
        await NothingWrittenAsync();
    }

    [Fact]
    public async Task A_body_of_any_size_is_413_too()
    {
        (await Api.PostAsync(Path, new string(' ', 20_000_000) + "[]")).IsProblem(HttpStatusCode.RequestEntityTooLarge);
        await NothingWrittenAsync();
    }

    [Fact]
    public async Task Metadata_over_its_limit_is_refused()
    {
        var body = Events.One("a");
        body["metadata"] = new JsonObject { ["text"] = new string('x', 17 * 1024) };
        (await Api.PostAsync(Path, body)).IsProblem(HttpStatusCode.RequestEntityTooLarge);
        await NothingWrittenAsync();
    }

    [Fact]
    public async Task An_event_of_just_under_1_MiB_lands()
    {
        var text = new string('x', 1024 * 1024 - 11);
        (await Api.PostAsync(Path, Events.One("large", new JsonObject { ["text"] = text }))).Is(HttpStatusCode.Created);
        var recorded = Assert.Single(await Api.PagesAsync(Path + "/events"));
        Assert.Equal(text, recorded["data"]!["text"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("If-Match", "seven")]
    [InlineData("If-Match", "\"-1\"")]
    [InlineData("If-None-Match", "\"7\"")]
    [InlineData("Idempotency-Key", TooLong)]
    public async Task A_header_that_cannot_be_understood_is_400(string name, string value)
    {
        (await Api.PostAsync(Path, Events.Numbered(1), (name, value))).IsProblem(HttpStatusCode.BadRequest);
        await NothingWrittenAsync();
    }

    [Theory]
    [InlineData(0, 400)]
    [InlineData(1, 201)]
    [InlineData(200, 201)]
    [InlineData(201, 400)]
    public async Task An_idempotency_key_has_1_to_200_characters(int length, int status)
    {
        // Byte by byte: an HTTP client may leave out a header that has no value.
        var answer = await RawRequest.SendAsync(
            fixture.Silo.Url, "POST", Path, $"Idempotency-Key: {new string('k', length)}\r\n", """{"type":"a"}""");

        Assert.Equal(status, answer.Status);
        if (status == 400) await NothingWrittenAsync();
    }

    [Fact]
    public async Task A_key_that_is_too_long_is_400() =>
        (await Api.PostAsync(Api.Stream("errors", new string('k', 513)), Events.Numbered(1)))
            .IsProblem(HttpStatusCode.BadRequest);

    [Fact]
    public async Task An_unknown_path_is_404() =>
        (await Api.GetAsync("/api/nothing")).IsProblem(HttpStatusCode.NotFound);

    [Fact]
    public async Task A_wrong_method_is_405_with_the_right_ones()
    {
        var answer = await Api.SendAsync(HttpMethod.Put, Path, null);
        answer.IsProblem(HttpStatusCode.MethodNotAllowed);
        Assert.Equal("DELETE, GET, HEAD, OPTIONS, POST", answer.Headers["Allow"]);
    }

    [Theory]
    [InlineData("/api/transfers", "POST")]
    [InlineData("/api/transfers/00000000000000000000000000000000", "GET, HEAD")]
    public async Task A_wrong_method_of_a_transfer_is_405_with_the_right_ones(string path, string allowed)
    {
        var answer = await Api.SendAsync(HttpMethod.Put, path, null);
        answer.IsProblem(HttpStatusCode.MethodNotAllowed);
        Assert.Equal(allowed, answer.Headers["Allow"]);
    }

    [Theory]
    [InlineData("%20")]
    [InlineData("%20%09%C2%A0")]
    public async Task An_account_whose_id_is_space_alone_is_400(string id) =>
        (await Api.GetAsync($"/api/accounts/{id}")).IsProblem(HttpStatusCode.BadRequest);

    [Theory]
    [InlineData("account")]
    [InlineData("event-stream")]
    public async Task A_category_of_an_aggregate_is_409_with_its_code(string category)
    {
        var problem = (await Api.PostAsync(Api.Stream(category, _key), Events.Numbered(1)))
            .IsProblem(HttpStatusCode.Conflict);
        Assert.Equal("category-owned", problem["code"]!.GetValue<string>());
    }

    private async Task NothingWrittenAsync() => (await Api.GetAsync(Path)).Is(HttpStatusCode.NotFound);
}
