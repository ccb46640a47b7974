using System.Net;
using System.Text.Json.Nodes;

namespace Granary.Tests.Integration;

[Collection(SharedSilo.Name)]
public sealed class RetentionTests(SiloFixture fixture)
{
    private const HttpStatusCode PreconditionRequired = (HttpStatusCode)428;

    private readonly string _key = Events.NewKey();

    private Api Api => fixture.Api;

    private string Path => Api.Stream("removed", _key);

    [Fact]
    public async Task A_stream_is_deleted_as_it_was_seen()
    {
        await AppendAsync(3);
        var seen = (await Api.GetAsync(Path)).ETag!;
        (await DeleteAsync(Path, ("If-Match", seen))).Is(HttpStatusCode.NoContent);

        (await Api.GetAsync(Path)).IsProblem(HttpStatusCode.NotFound);
        (await DeleteAsync(Path, ("If-Match", seen))).IsProblem(HttpStatusCode.NotFound);
        await AppendAsync(1);
        var problem = (await DeleteAsync(Path, ("If-Match", seen))).IsProblem(HttpStatusCode.PreconditionFailed);
        Assert.Equal("wrong-expected-version", problem["code"]!.GetValue<string>());
        Assert.Equal((await Api.GetAsync(Path)).ETag, problem["etag"]!.GetValue<string>());
        (await DeleteAsync(Path, ("If-Match", "*"))).Is(HttpStatusCode.NoContent);
        (await Api.GetAsync(Path)).IsProblem(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_deletion_needs_a_condition_and_deletes_nothing_where_that_is_not_met()
    {
        await AppendAsync(3);
        var problem = (await DeleteAsync(Path)).IsProblem(PreconditionRequired);
        Assert.Equal("precondition-required", problem["code"]!.GetValue<string>());
        (await DeleteAsync(Path, ("If-None-Match", "*"))).IsProblem(PreconditionRequired);
        (await DeleteAsync(Path, ("If-Match", "3"))).IsProblem(HttpStatusCode.BadRequest);
        (await DeleteAsync(Path, ("If-Match", "\"2\""))).IsProblem(HttpStatusCode.PreconditionFailed);
        (await DeleteAsync(Path, ("If-Match", "\"3-999999\""))).IsProblem(HttpStatusCode.PreconditionFailed);
        (await DeleteAsync(Path, ("If-Match", "\"3\""), ("If-Unmodified-Since", "x")))
            .IsProblem(HttpStatusCode.BadRequest);
        (await DeleteAsync(Path + "?force=true", ("If-Match", "*"))).IsProblem(HttpStatusCode.BadRequest);
        (await DeleteAsync(Path, ("If-Match", "*"), ("Origin", "https://evil.example")))
            .IsProblem(HttpStatusCode.Forbidden);

        Assert.Equal(3, (await Api.GetAsync(Path)).Json["version"]!.GetValue<long>());
        (await DeleteAsync(Path, ("If-Match", "\"2\", \"3\""))).Is(HttpStatusCode.NoContent);
    }

    [Fact]
    public async Task A_stream_is_truncated_and_what_was_removed_is_410()
    {
        await AppendAsync(5);
        var answer = (await TruncateAsync(Path + "/events?before=3")).Is(HttpStatusCode.OK).Json;
        Assert.Equal($"removed/{_key}", answer["stream"]!.GetValue<string>());
        Assert.Equal(3, answer["first"]!.GetValue<long>());
        Assert.Null(answer["heldBackBy"]);

        var head = (await Api.GetAsync(Path)).Is(HttpStatusCode.OK).Json;
        Assert.Equal((5, 3), (head["version"]!.GetValue<long>(), head["first"]!.GetValue<long>()));
        foreach (var path in new[]
            { "/events?after=0", "/events?after=1", "/events?before=3", "/state?version=2", "/state?version=1" })
        {
            var problem = (await Api.GetAsync(Path + path)).IsProblem(HttpStatusCode.Gone);
            Assert.Equal("stream-truncated", problem["code"]!.GetValue<string>());
            Assert.Equal(3, problem["first"]!.GetValue<long>());
        }

        Assert.Equal([3, 4, 5], await VersionsAsync("/events"));
        Assert.Equal([3, 4, 5], await VersionsAsync("/events?after=2"));
        Assert.Equal([5, 4, 3], await VersionsAsync("/events?direction=backward"));
        Assert.Equal([3], await VersionsAsync("/events?limit=1"));
        Assert.Equal(5, await StateAsync("/state"));
        Assert.Equal(3, await StateAsync("/state?version=3"));
        await AppendAsync(1, from: 6);
        Assert.Equal(6, await StateAsync("/state"));
    }

    [Fact]
    public async Task What_cannot_be_truncated_is_refused()
    {
        await AppendAsync(2);
        (await DeleteAsync(Path + "/events")).IsProblem(HttpStatusCode.BadRequest);
        foreach (var before in new[] { "0", "-1", "x", "1.5", "" })
            (await DeleteAsync($"{Path}/events?before={before}")).IsProblem(HttpStatusCode.BadRequest);
        (await DeleteAsync(Path + "/events?before=3")).IsProblem(HttpStatusCode.NotFound);
        (await DeleteAsync(Path + "/events?before=2", ("If-Match", "\"1\""))).IsProblem(
            HttpStatusCode.PreconditionFailed);
        (await DeleteAsync(Api.Stream("removed", "absent", "/events?before=1"))).IsProblem(HttpStatusCode.NotFound);
        Assert.Equal([1, 2], await VersionsAsync("/events"));
    }

    [Fact]
    public async Task The_streams_of_an_aggregate_are_left_to_it()
    {
        var account = Api.Stream("account", _key);
        (await Api.PostAsync($"/api/accounts/{_key}", """{"owner":"Ada","currency":"EUR","overdraftLimit":0}"""))
            .Is(HttpStatusCode.Created);
        foreach (var path in new[] { account, account + "/events?before=1" })
        {
            var problem = (await DeleteAsync(path, path == account ? [("If-Match", "*")] : []))
                .IsProblem(HttpStatusCode.Conflict);
            Assert.Equal("category-owned", problem["code"]!.GetValue<string>());
        }

        Assert.Equal(1, (await Api.GetAsync(account)).Json["first"]!.GetValue<long>());
    }

    [Fact]
    public async Task A_retry_of_what_was_removed_is_answered_and_not_stored_again()
    {
        var body = """{"type":"counted","data":{"n":1}}""";
        var first = (await Api.PostAsync(Path, body, Api.Json, ("Idempotency-Key", "one"))).Is(HttpStatusCode.Created);
        await AppendAsync(3, from: 2);
        (await TruncateAsync(Path + "/events?before=4")).Is(HttpStatusCode.OK);

        var again = (await Api.PostAsync(Path, body, Api.Json, ("Idempotency-Key", "one"))).Is(HttpStatusCode.OK).Json;
        Assert.Equal("AlreadyAppended", again["outcome"]!.GetValue<string>());
        Assert.Equal(0, again["position"]!.GetValue<long>());
        Assert.Equal(first.Json["version"]!.GetValue<long>(), again["version"]!.GetValue<long>());
        Assert.Equal(4, (await Api.GetAsync(Path)).Json["version"]!.GetValue<long>());
    }

    // The silo's readers of the log hold back what they have not passed yet.
    private async Task<Answer> TruncateAsync(string path)
    {
        for (var tries = 0; ; tries++)
        {
            var answer = await DeleteAsync(path);
            if (answer.Status != HttpStatusCode.OK || answer.Json["heldBackBy"] is null) return answer;
            Assert.True(tries < 1_000, answer.ToString());
        }
    }

    private Task<Answer> DeleteAsync(string path, params (string Name, string Value)[] headers) =>
        Api.SendAsync(HttpMethod.Delete, path, null, headers);

    private async Task AppendAsync(int count, int from = 1) =>
        (await Api.PostAsync(Path, new JsonArray(
            [.. Enumerable.Range(from, count).Select(static at => new JsonObject
            {
                ["type"] = "counted", ["data"] = new JsonObject { ["n"] = at },
            })]))).Is(HttpStatusCode.Created);

    private async Task<IEnumerable<long>> VersionsAsync(string rest) =>
        (await Api.GetAsync(Path + rest)).Is(HttpStatusCode.OK).Json["events"]!.AsArray()
            .Select(static one => one!["version"]!.GetValue<long>());

    private async Task<int> StateAsync(string rest) =>
        (await Api.GetAsync(Path + rest)).Is(HttpStatusCode.OK).Json["state"]!["n"]!.GetValue<int>();
}
