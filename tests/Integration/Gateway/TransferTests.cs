using System.Net;
using System.Text.Json.Nodes;

namespace Granary.Tests.Integration;

/// <summary>Transfers are asked for over HTTP, and end as the documentation says.</summary>
public sealed class TransferTests
{
    private const string Path = "/api/transfers";
    private const string Unknown = Path + "/00000000000000000000000000000000";

    [Fact]
    public async Task A_transfer_is_accepted_moves_the_money_and_completes()
    {
        await using var host = await StartAsync();
        await OpenAsync(host, "ada", 100);
        await OpenAsync(host, "bob", 0);
        var asked = (await AskAsync(host, "ada", "bob", "30.5")).Is(HttpStatusCode.Accepted);
        Assert.Equal(("requested", "ada", "bob"), (Text(asked, "status"), Text(asked, "from"), Text(asked, "to")));
        Assert.Contains("\"amount\":30.50,", asked.Text, StringComparison.Ordinal);
        var path = asked.Headers["Location"];
        Assert.Equal($"{Path}/{Text(asked, "id")}", path);

        await EndAsync(host, asked);
        var ended = (await host.Api.GetAsync(path)).Is(HttpStatusCode.OK);
        Assert.Equal(("completed", "EUR"), (Text(ended, "status"), Text(ended, "currency")));
        Assert.Null(ended.Json["refusal"]);
        Assert.Equal((69.5m, 30.5m), (await BalanceAsync(host, "ada"), await BalanceAsync(host, "bob")));
    }

    [Fact]
    public async Task The_same_key_is_the_same_transfer()
    {
        await using var host = await StartAsync();
        await OpenAsync(host, "ada", 100);
        await OpenAsync(host, "bob", 0);
        var first = (await AskAsync(host, "ada", "bob", "30")).Is(HttpStatusCode.Accepted);
        await EndAsync(host, first);
        var again = (await AskAsync(host, "ada", "bob", "30")).Is(HttpStatusCode.Accepted);
        Assert.Equal(first.Text, again.Text);
        Assert.Equal(first.Headers["Location"], again.Headers["Location"]);
        var other = await AskAsync(host, "ada", "bob", "31");
        Assert.Equal("idempotency-key-reused", Code(other, HttpStatusCode.UnprocessableEntity));
        Assert.Equal((70m, 30m), (await BalanceAsync(host, "ada"), await BalanceAsync(host, "bob")));

        // It is the same one also after an account was closed, which a new one would be refused for.
        await EndAsync(host, (await AskAsync(host, "ada", "bob", "70", "rest")).Is(HttpStatusCode.Accepted));
        (await host.Api.PostAsync("/api/accounts/ada/close", "{}")).Is(HttpStatusCode.OK);
        Assert.Equal(
            Text(first, "id"), Text((await AskAsync(host, "ada", "bob", "30")).Is(HttpStatusCode.Accepted), "id"));
    }

    [Fact]
    public async Task Models_that_have_passed_the_position_of_the_answer_have_seen_the_request()
    {
        await using var host = await StartAsync();
        await OpenAsync(host, "ada", 100);
        await OpenAsync(host, "bob", 0);
        await PauseAsync(host);
        for (var number = 1; number <= 10; number++)
        {
            var asked = (await AskAsync(host, "ada", "bob", "1", $"{number}")).Is(HttpStatusCode.Accepted);
            var open = (await host.Api.GetAsync(
                $"/api/models/open_transfers/{Text(asked, "id")}?wait=60",
                ("Granary-Min-Position", asked.Headers["Granary-Position"]))).Is(HttpStatusCode.OK);
            Assert.Equal("Requested", (string?)open.Json["model"]!["status"]);
            var all = await host.Api.GetAsync("/api/models/open_transfers?where=status:eq:Requested");
            Assert.Equal(number, all.Is(HttpStatusCode.OK).Json["models"]!.AsArray().Count);
        }
    }

    [Fact]
    public async Task What_the_balance_does_not_cover_is_rejected()
    {
        await using var host = await StartAsync();
        await OpenAsync(host, "ada", 10);
        await OpenAsync(host, "bob", 0);
        var asked = (await AskAsync(host, "ada", "bob", "10.01")).Is(HttpStatusCode.Accepted);
        await EndAsync(host, asked);
        var ended = (await host.Api.GetAsync(asked.Headers["Location"])).Is(HttpStatusCode.OK);
        Assert.Equal(("rejected", "insufficient-funds"), (Text(ended, "status"), Text(ended, "refusal")));
        Assert.NotEmpty(Text(ended, "reason")!);
        Assert.Equal((10m, 0m), (await BalanceAsync(host, "ada"), await BalanceAsync(host, "bob")));
    }

    [Fact]
    public async Task What_an_account_that_was_closed_meanwhile_does_not_take_is_refunded()
    {
        await using var host = await StartAsync();
        await OpenAsync(host, "ada", 10);
        await OpenAsync(host, "bob", 0);
        await PauseAsync(host);
        var asked = (await AskAsync(host, "ada", "bob", "4")).Is(HttpStatusCode.Accepted);
        (await host.Api.PostAsync("/api/accounts/bob/close", "{}")).Is(HttpStatusCode.OK);
        (await host.Api.SendAsync(HttpMethod.Post, "/api/subscriptions/transfers/resume", null))
            .Is(HttpStatusCode.NoContent);
        await EndAsync(host, asked);
        var ended = (await host.Api.GetAsync(asked.Headers["Location"])).Is(HttpStatusCode.OK);
        Assert.Equal(("refunded", "not-open"), (Text(ended, "status"), Text(ended, "refusal")));
        Assert.Equal((10m, 0m), (await BalanceAsync(host, "ada"), await BalanceAsync(host, "bob")));
    }

    [Theory]
    [InlineData("ada", "none", "1", 409, "not-open")]
    [InlineData("none", "ada", "1", 409, "not-open")]
    [InlineData("", "ada", "1", 409, "not-open")]
    [InlineData("ada", "closed", "1", 409, "not-open")]
    [InlineData("closed", "ada", "1", 409, "not-open")]
    [InlineData("ada", "ada", "1", 422, "same-account")]
    [InlineData("none", "none", "1", 422, "same-account")]
    [InlineData("ada", "dollars", "1", 422, "currency-mismatch")]
    [InlineData("ada", "bob", "0", 422, "invalid-amount")]
    [InlineData("ada", "bob", "-1", 422, "invalid-amount")]
    [InlineData("ada", "bob", "0.001", 422, "invalid-amount")]
    [InlineData("ada", "bob", "1000000000000001", 422, "invalid-amount")]
    public async Task What_cannot_be_a_transfer_is_refused_with_its_code_and_leaves_nothing(
        string from, string to, string amount, int status, string code)
    {
        await using var host = await StartAsync();
        await OpenAsync(host, "ada", 10);
        await OpenAsync(host, "bob", 0);
        await OpenAsync(host, "dollars", 0, "USD");
        await OpenAsync(host, "closed", 0);
        (await host.Api.PostAsync("/api/accounts/closed/close", "{}")).Is(HttpStatusCode.OK);
        var before = await EventsAsync(host);

        var refused = await AskAsync(host, from, to, amount);
        Assert.Equal(code, Code(refused, (HttpStatusCode)status));
        Assert.False(refused.Headers.ContainsKey("Location"));
        Assert.Equal(before, await EventsAsync(host));

        // The key is not used up by what was refused.
        (await AskAsync(host, "ada", "bob", "1")).Is(HttpStatusCode.Accepted);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"from":"ada","to":"bob"}""")]
    [InlineData("""{"from":"ada","amount":1}""")]
    [InlineData("""{"to":"bob","amount":1}""")]
    [InlineData("""{"from":1,"to":"bob","amount":1}""")]
    [InlineData("""{"from":null,"to":"bob","amount":1}""")]
    [InlineData("""{"from":"ada","to":"bob","amount":"one"}""")]
    [InlineData("""{"from":"ada","to":"bob","amount":1e3}""")]
    [InlineData("""{"from":"ada","to":"bob","amount":1,"currency":"EUR"}""")]
    public async Task A_body_that_is_no_transfer_is_400(string body)
    {
        await using var host = await StartAsync();
        (await host.Api.PostAsync(Path, body, Api.Json, ("Idempotency-Key", "one"))).IsProblem(
            HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task A_request_without_a_key_or_with_what_is_not_checked_is_refused()
    {
        await using var host = await StartAsync();
        const string body = """{"from":"ada","to":"bob","amount":1}""";
        Assert.Equal(
            "idempotency-key-missing", Code(await host.Api.PostAsync(Path, body), HttpStatusCode.BadRequest));
        (string, string)[][] wrong =
        [
            [("Idempotency-Key", new string('a', 201))],
            [("Idempotency-Key", "one"), ("If-Match", "\"1\"")],
            [("Idempotency-Key", "one"), ("If-None-Match", "*")],
        ];
        foreach (var headers in wrong)
            Assert.Equal(
                "invalid-header",
                Code(await host.Api.PostAsync(Path, body, Api.Json, headers), HttpStatusCode.BadRequest));
        Assert.Equal("unsupported-content-type", Code(
            await host.Api.PostAsync(Path, body, "text/plain", ("Idempotency-Key", "one")),
            HttpStatusCode.UnsupportedMediaType));
    }

    [Theory]
    [InlineData("GET", Path, "POST")]
    [InlineData("PUT", Path, "POST")]
    [InlineData("DELETE", Path, "POST")]
    [InlineData("POST", Unknown, "GET, HEAD")]
    [InlineData("DELETE", Unknown, "GET, HEAD")]
    public async Task Another_method_is_405_and_names_those_that_are_there(string method, string path, string allowed)
    {
        await using var host = await StartAsync();
        var answer = await host.Api.SendAsync(HttpMethod.Parse(method), path, null);
        Assert.Equal(allowed, answer.Is(HttpStatusCode.MethodNotAllowed).Headers["Allow"]);
    }

    [Theory]
    [InlineData("00000000000000000000000000000000")]
    [InlineData("ABCDEFABCDEFABCDEFABCDEFABCDEFAB")]
    [InlineData("abc")]
    [InlineData("0000000000000000000000000000000%2F")]
    public async Task A_transfer_that_was_never_asked_for_is_not_there(string id)
    {
        await using var host = await StartAsync();
        Assert.Equal("not-found", Code(await host.Api.GetAsync($"{Path}/{id}"), HttpStatusCode.NotFound));
    }

    private static Task<GatewayHost> StartAsync() =>
        GatewayHost.StartAsync(granary: static granary => granary.AddGranaryLedger());

    private static async Task OpenAsync(GatewayHost host, string account, int amount, string currency = "EUR")
    {
        var path = $"/api/accounts/{account}";
        (await host.Api.PostAsync(path, new JsonObject { ["owner"] = "Ada", ["currency"] = currency }))
            .Is(HttpStatusCode.Created);
        if (amount > 0)
            (await host.Api.PostAsync(
                path + "/deposits", new JsonObject { ["amount"] = amount, ["currency"] = currency }))
                .Is(HttpStatusCode.OK);
    }

    private static Task<Answer> AskAsync(
        GatewayHost host, string from, string to, string amount, string key = "one") => host.Api.PostAsync(
        Path, $$"""{"from":"{{from}}","to":"{{to}}","amount":{{amount}}}""", Api.Json, ("Idempotency-Key", key));

    // Follows the transfer's events to the last one.
    private static async Task EndAsync(GatewayHost host, Answer asked)
    {
        using var live = await LiveReader.ConnectAsync(host.Url, $"/api/streams/transfer/{Text(asked, "id")}/live");
        while ((string?)(await live.EventAsync())["type"]
            is not ("transfer-completed" or "transfer-rejected" or "transfer-refunded"))
        {
            // The next one.
        }
    }

    private static async Task PauseAsync(GatewayHost host)
    {
        (await host.Api.SendAsync(HttpMethod.Post, "/api/subscriptions/transfers/pause", null))
            .Is(HttpStatusCode.NoContent);
        string? state = null;
        while (state != "paused")
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            var shown = (await host.Api.GetAsync("/api/subscriptions/transfers")).Is(HttpStatusCode.OK).Json;
            state = (string?)shown["partitions"]![0]!["state"];
        }
    }

    private static async Task<decimal> BalanceAsync(GatewayHost host, string account) =>
        (decimal)(await host.Api.GetAsync($"/api/accounts/{account}")).Is(HttpStatusCode.OK).Json["balance"]!;

    private static async Task<int> EventsAsync(GatewayHost host) => (await host.Api.PagesAsync("/api/log")).Count;

    private static string? Text(Answer answer, string name) => (string?)answer.Json[name];

    private static string? Code(Answer answer, HttpStatusCode status) => (string?)answer.IsProblem(status)["code"];
}
