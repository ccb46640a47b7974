using System.Net;

namespace Granary.Tests.Integration;

[Collection(SharedSilo.Name)]
public sealed class AccountTests(SiloFixture fixture)
{
    private readonly string _id = Events.NewKey();

    private Api Api => fixture.Api;

    private string Path => $"/api/accounts/{_id}";

    [Fact]
    public async Task An_account_lives_from_opening_to_closing()
    {
        await OpenAsync();
        (await Api.PostAsync(Path + "/deposits", """{"amount":100.25,"currency":"EUR"}""")).Is(HttpStatusCode.OK);
        (await Api.PostAsync(Path + "/withdrawals", """{"amount":40.25,"currency":"EUR"}""")).Is(HttpStatusCode.OK);
        Assert.Equal(60m, await BalanceAsync());

        (await Api.PostAsync(Path + "/withdrawals", """{"amount":60,"currency":"EUR"}""")).Is(HttpStatusCode.OK);
        (await Api.PostAsync(Path + "/close", "{}")).Is(HttpStatusCode.OK);
        await RefusedAsync("/deposits", """{"amount":1,"currency":"EUR"}""", "not-open", HttpStatusCode.Conflict);

        var types = (await Api.PagesAsync(Api.Stream("account", _id, "/events"))).Count;
        Assert.Equal(5, types);
    }

    [Fact]
    public async Task The_overdraft_limit_may_be_used_and_not_passed()
    {
        await OpenAsync(overdraftLimit: "50");
        (await Api.PostAsync(Path + "/withdrawals", """{"amount":50,"currency":"EUR"}""")).Is(HttpStatusCode.OK);
        await RefusedAsync(
            "/withdrawals", """{"amount":0.01,"currency":"EUR"}""", "insufficient-funds", HttpStatusCode.Conflict);
        Assert.Equal(-50m, await BalanceAsync());
    }

    [Fact]
    public async Task An_open_account_is_not_opened_again()
    {
        await OpenAsync();
        await RefusedAsync(
            "", """{"owner":"Bob","currency":"EUR","overdraftLimit":0}""", "already-open", HttpStatusCode.Conflict);
    }

    [Fact]
    public async Task An_account_that_holds_money_is_not_closed()
    {
        await OpenAsync();
        (await Api.PostAsync(Path + "/deposits", """{"amount":1,"currency":"EUR"}""")).Is(HttpStatusCode.OK);
        await RefusedAsync("/close", "{}", "not-empty", HttpStatusCode.Conflict);
    }

    [Theory]
    [InlineData("""{"amount":1,"currency":"USD"}""", "currency-mismatch")]
    [InlineData("""{"amount":0,"currency":"EUR"}""", "invalid-amount")]
    [InlineData("""{"amount":-1,"currency":"EUR"}""", "invalid-amount")]
    [InlineData("""{"amount":0.001,"currency":"EUR"}""", "invalid-amount")]
    public async Task A_deposit_that_makes_no_sense_is_422_with_its_code(string body, string code)
    {
        await OpenAsync();
        await RefusedAsync("/deposits", body, code, HttpStatusCode.UnprocessableEntity);
    }

    [Fact]
    public async Task An_account_that_was_never_opened_is_not_there()
    {
        (await Api.GetAsync(Path)).IsProblem(HttpStatusCode.NotFound);
        await RefusedAsync("/deposits", """{"amount":1,"currency":"EUR"}""", "not-open", HttpStatusCode.Conflict);
    }

    [Fact]
    public async Task A_repeated_command_has_one_effect_and_the_same_answer()
    {
        await OpenAsync();
        const string Body = """{"amount":10,"currency":"EUR"}""";
        var first = (await Api.PostAsync(Path + "/deposits", Body, Api.Json, ("Idempotency-Key", "d-1")))
            .Is(HttpStatusCode.OK);
        var second = (await Api.PostAsync(Path + "/deposits", Body, Api.Json, ("Idempotency-Key", "d-1")))
            .Is(HttpStatusCode.OK);

        Assert.Equal(first.Text, second.Text);
        Assert.Equal(10m, await BalanceAsync());
        (await Api.PostAsync(
                Path + "/deposits", """{"amount":11,"currency":"EUR"}""", Api.Json, ("Idempotency-Key", "d-1")))
            .IsProblem(HttpStatusCode.UnprocessableEntity);
    }

    [Fact]
    public async Task Concurrent_withdrawals_never_overdraw()
    {
        await OpenAsync();
        (await Api.PostAsync(Path + "/deposits", """{"amount":10,"currency":"EUR"}""")).Is(HttpStatusCode.OK);
        var answers = await Task.WhenAll(Enumerable.Range(0, 25)
            .Select(_ => Api.PostAsync(Path + "/withdrawals", """{"amount":1,"currency":"EUR"}""")));

        Assert.Equal(10, answers.Count(answer => answer.Status == HttpStatusCode.OK));
        Assert.Equal(15, answers.Count(answer => answer.Status == HttpStatusCode.Conflict));
        Assert.Equal(0m, await BalanceAsync());
    }

    private async Task OpenAsync(string overdraftLimit = "0") =>
        (await Api.PostAsync(Path, $$"""{"owner":"Ada","currency":"EUR","overdraftLimit":{{overdraftLimit}}}"""))
            .Is(HttpStatusCode.Created);

    private async Task<decimal> BalanceAsync() =>
        (await Api.GetAsync(Path)).Is(HttpStatusCode.OK).Json["balance"]!.GetValue<decimal>();

    private async Task RefusedAsync(string rest, string body, string code, HttpStatusCode status)
    {
        var problem = (await Api.PostAsync(Path + rest, body)).IsProblem(status);
        Assert.Equal(code, problem["code"]!.GetValue<string>());
    }
}
