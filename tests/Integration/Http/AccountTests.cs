using System.Net;

namespace Granary.Tests.Integration;

[Collection(SharedSilo.Name)]
public sealed class AccountTests(SiloFixture fixture)
{
    private readonly string _id = Events.NewKey();

    private Api Api => fixture.Api;

    private string Path => $"/api/accounts/{_id}";

    [Fact]
    public async Task An_account_is_opened_used_and_closed()
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

    [Theory]
    [InlineData("JPY", "1.0", "1")]
    [InlineData("EUR", "1.5", "1.50")]
    [InlineData("BHD", "1.5", "1.500")]
    public async Task Amounts_are_answered_with_the_decimals_of_their_currency(
        string currency, string amount, string balance)
    {
        (await Api.PostAsync(Path, $$"""{"owner":"Ada","currency":"{{currency}}"}""")).Is(HttpStatusCode.Created);
        var answer = (await Api.PostAsync(
            Path + "/deposits", $$"""{"amount":{{amount}},"currency":"{{currency}}"}""")).Is(HttpStatusCode.OK);
        Assert.Contains($"\"balance\":{balance},", answer.Text, StringComparison.Ordinal);
        Assert.Contains(
            $"\"balance\":{balance},", (await Api.GetAsync(Api.Stream("account", _id, "/state"))).Text,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("JPY", "1.5")]
    [InlineData("BHD", "1.0005")]
    public async Task An_amount_finer_than_the_minor_unit_is_refused(string currency, string amount)
    {
        (await Api.PostAsync(Path, $$"""{"owner":"Ada","currency":"{{currency}}"}""")).Is(HttpStatusCode.Created);
        await RefusedAsync(
            "/deposits", $$"""{"amount":{{amount}},"currency":"{{currency}}"}""", "invalid-amount",
            HttpStatusCode.UnprocessableEntity);
    }

    [Theory]
    [InlineData("""{"amount":1e3,"currency":"EUR"}""")]
    [InlineData("""{"amount":"NaN","currency":"EUR"}""")]
    [InlineData("""{"amount":99999999999999999999999999999999,"currency":"EUR"}""")]
    [InlineData("""{"amount":1,"currency":"EUR","x":1}""")]
    [InlineData("[]")]
    public async Task A_body_that_is_no_amount_is_400(string body)
    {
        await OpenAsync();
        (await Api.PostAsync(Path + "/deposits", body)).IsProblem(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task A_refusal_with_a_key_stays_the_answer()
    {
        await OpenAsync();
        const string Body = """{"amount":10,"currency":"EUR"}""";
        var first = await Api.PostAsync(Path + "/withdrawals", Body, Api.Json, ("Idempotency-Key", "w-1"));
        (await Api.PostAsync(Path + "/deposits", Body)).Is(HttpStatusCode.OK);
        var second = await Api.PostAsync(Path + "/withdrawals", Body, Api.Json, ("Idempotency-Key", "w-1"));

        Assert.Equal("insufficient-funds", first.IsProblem(HttpStatusCode.Conflict)["code"]!.GetValue<string>());
        Assert.Equal("insufficient-funds", second.IsProblem(HttpStatusCode.Conflict)["code"]!.GetValue<string>());
        Assert.Equal(10m, await BalanceAsync());
    }

    [Fact]
    public async Task Closing_needs_no_body_but_one_that_is_sent_must_be_understood()
    {
        await OpenAsync();
        (await Api.PostAsync(Path + "/close", "{")).IsProblem(HttpStatusCode.BadRequest);
        (await Api.SendAsync(HttpMethod.Post, Path + "/close", null)).Is(HttpStatusCode.OK);
        await RefusedAsync(
            "", """{"owner":"Ada","currency":"EUR"}""", "already-open", HttpStatusCode.Conflict);
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
