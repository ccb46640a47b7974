using System.Net;

namespace Granary.Tests.Integration;

/// <summary>ETags and conditions: what they mean for a stream and its generations, and how they are written.</summary>
public sealed class ConditionTests : IAsyncLifetime
{
    private const string Path = "/api/streams/things/1";

    private static readonly StreamName Stream = new("things", "1");

    private GatewayHost _host = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private Api Api => _host.Api;

    public async ValueTask InitializeAsync() => _host = await GatewayHost.StartAsync();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task The_ETag_of_an_earlier_generation_is_412_and_not_304()
    {
        var before = (await Api.PostAsync(Path, Events.Numbered(2))).Is(HttpStatusCode.Created).ETag!;
        var state = (await Api.GetAsync(Path + "/state")).Is(HttpStatusCode.OK).ETag!;
        Assert.Equal(before, state);
        await ClearAsync();
        var after = (await Api.PostAsync(Path, Events.Numbered(2, from: 7))).Is(HttpStatusCode.Created).ETag!;
        Assert.NotEqual(before, after);

        (await Api.GetAsync(Path + "/state", ("If-None-Match", before))).Is(HttpStatusCode.OK);
        (await Api.GetAsync(Path, ("If-None-Match", before))).Is(HttpStatusCode.OK);
        (await Api.PostAsync(Path, Events.Numbered(1), ("If-Match", before)))
            .IsProblem(HttpStatusCode.PreconditionFailed);
        (await Api.GetAsync(Path + "/state", ("If-None-Match", after))).Is(HttpStatusCode.NotModified);
        (await Api.GetAsync(Path, ("If-None-Match", after))).Is(HttpStatusCode.NotModified);
        (await Api.PostAsync(Path, Events.Numbered(1), ("If-Match", after))).Is(HttpStatusCode.Created);
    }

    [Fact]
    public async Task All_calls_give_the_same_ETag_for_the_same_version()
    {
        var first = (await Api.PostAsync(Path, Events.Numbered(1))).Is(HttpStatusCode.Created).ETag!;
        var second = (await Api.PostAsync(Path, Events.Numbered(1))).Is(HttpStatusCode.Created).ETag!;
        Assert.Equal(second, (await Api.GetAsync(Path)).ETag);
        Assert.Equal(second, (await Api.GetAsync(Path + "/state")).ETag);
        Assert.Equal(second, (await Api.GetAsync(Path + "/state?version=2")).ETag);
        Assert.Equal(first, (await Api.GetAsync(Path + "/state?version=1")).ETag);
        Assert.Matches("^\"1-[1-9][0-9]*\"$", first);
    }

    [Fact]
    public async Task A_version_alone_is_met_by_any_generation_at_that_version()
    {
        (await Api.PostAsync(Path, Events.Numbered(2))).Is(HttpStatusCode.Created);
        await ClearAsync();
        (await Api.PostAsync(Path, Events.Numbered(2))).Is(HttpStatusCode.Created);
        (await Api.GetAsync(Path + "/state", ("If-None-Match", "\"2\""))).Is(HttpStatusCode.OK);
        (await Api.PostAsync(Path, Events.Numbered(1), ("If-Match", "\"2\""))).Is(HttpStatusCode.Created);
    }

    [Fact]
    public async Task Of_a_list_one_that_matches_is_enough()
    {
        var tag = (await Api.PostAsync(Path, Events.Numbered(2))).Is(HttpStatusCode.Created).ETag!;
        (await Api.PostAsync(Path, Events.Numbered(1), ("If-Match", "\"7\", \"9-9\"")))
            .IsProblem(HttpStatusCode.PreconditionFailed);
        (await Api.PostAsync(Path, Events.Numbered(1), ("If-Match", $"\"7\", {tag}"))).Is(HttpStatusCode.Created);
        (await Api.PostAsync(Path, Events.Numbered(1), ("If-Match", "\"1\""), ("If-Match", "\"3\"")))
            .Is(HttpStatusCode.Created);
        Assert.Equal(4, (await Api.GetAsync(Path)).Json["version"]!.GetValue<long>());
    }

    [Fact]
    public async Task A_retry_under_a_list_has_its_first_answer()
    {
        (await Api.PostAsync(Path, Events.Numbered(2))).Is(HttpStatusCode.Created);
        (string, string)[] headers = [("If-Match", "\"7\", \"2\""), ("Idempotency-Key", "k")];
        (await Api.PostAsync(Path, Events.Numbered(1), headers)).Is(HttpStatusCode.Created);
        (await Api.PostAsync(Path, Events.Numbered(1), headers)).Is(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("If-Match", "")]
    [InlineData("If-None-Match", "")]
    [InlineData("If-Match", "\"03\"")]
    [InlineData("If-Match", "\"3-07\"")]
    [InlineData("If-Match", "\"3-\"")]
    [InlineData("If-Match", "\"-3\"")]
    [InlineData("If-Match", "\"3\" \"4\"")]
    [InlineData("If-Match", "\"3\", *")]
    [InlineData("If-Match", "W/\"3\"")]
    [InlineData("If-Match", "\"1\",\"2\",\"3\",\"4\",\"5\",\"6\",\"7\",\"8\",\"9\",\"10\",\"11\"")]
    [InlineData("If-None-Match", "\"3\"")]
    [InlineData("If-Unmodified-Since", "Wed, 21 Oct 2026 07:28:00 GMT")]
    [InlineData("If-Range", "\"3\"")]
    public async Task A_condition_that_cannot_be_checked_appends_nothing(string name, string value)
    {
        (await Api.PostAsync(Path, Events.Numbered(3))).Is(HttpStatusCode.Created);
        var (status, text) = await RawRequest.SendAsync(
            _host.Url, "POST", Path, $"{name}: {value}\r\n", Events.Numbered(1).ToJsonString());
        Assert.True(status == 400, text);
        Assert.Contains(name, text[text.IndexOf("\r\n\r\n", StringComparison.Ordinal)..], StringComparison.Ordinal);
        Assert.Equal(3, (await Api.GetAsync(Path)).Json["version"]!.GetValue<long>());
    }

    [Fact]
    public async Task A_command_to_an_account_under_a_condition_is_refused()
    {
        var problem = (await Api.PostAsync(
            "/api/accounts/a", """{"owner":"Ada","currency":"EUR"}""", Api.Json, ("If-Match", "\"0\"")))
            .IsProblem(HttpStatusCode.BadRequest);
        Assert.Contains("If-Match", problem["detail"]!.GetValue<string>(), StringComparison.Ordinal);
        (await Api.GetAsync("/api/accounts/a")).IsProblem(HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData("")]
    [InlineData("/events")]
    [InlineData("/state")]
    public async Task HEAD_is_GET_without_its_body(string rest)
    {
        (await Api.PostAsync(Path, Events.Numbered(3))).Is(HttpStatusCode.Created);
        var get = (await Api.GetAsync(Path + rest)).Is(HttpStatusCode.OK);
        var head = (await Api.SendAsync(HttpMethod.Head, Path + rest, null)).Is(HttpStatusCode.OK);
        Assert.Equal((get.ETag, get.ContentType, ""), (head.ETag, head.ContentType, head.Text));
        (await Api.SendAsync(HttpMethod.Head, "/api/streams/things/none" + rest, null)).Is(HttpStatusCode.NotFound);
    }

    private async Task ClearAsync()
    {
        var head = await _host.Store.ReadHeadAsync(Stream, Token);
        var clearing = Append.Clear(
            Stream, ExpectedVersion.Exactly(head.Version), AppendId.New(TimeProvider.System));
        var result = await _host.Store.CommitAsync(clearing, TimeProvider.System.GetUtcNow(), Token);
        Assert.Equal(AppendOutcome.Appended, result.Outcome);
    }
}
