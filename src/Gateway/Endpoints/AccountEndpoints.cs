using System.Text.Json;
using Granary.Contracts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;

namespace Granary.Gateway;

/// <summary><c>/api/accounts/{id}</c>: the ledger.</summary>
internal static class AccountEndpoints
{
    public static void Map(RouteGroupBuilder api)
    {
        var accounts = api.MapGroup("/accounts/{id}").WithTags("Accounts");
        Describe(accounts.MapPost("", Open), "Open an account").Accepts<OpenRequest>("application/json")
            .Produces<AccountView>(201);
        Describe(accounts.MapPost("/deposits", Deposit), "Pay in").Accepts<MoneyRequest>("application/json")
            .Produces<AccountView>();
        Describe(accounts.MapPost("/withdrawals", Withdraw), "Pay out").Accepts<MoneyRequest>("application/json")
            .Produces<AccountView>();
        Describe(accounts.MapPost("/close", Close), "Close an empty account").Produces<AccountView>();
        accounts.MapGet("", Get).WithSummary("The account as it is").Produces<AccountView>().ProducesProblem(404)
            .ProducesProblem(503);
    }

    private static RouteHandlerBuilder Describe(RouteHandlerBuilder route, string summary) => route.WithSummary(summary)
        .WithDescription("Idempotency-Key makes a retry safe. A refusal has its code in the problem document.")
        .WithMetadata(ApiParameter.IdempotencyKey)
        .ProducesProblem(400).ProducesProblem(409).ProducesProblem(413).ProducesProblem(415).ProducesProblem(422)
        .ProducesProblem(503);

    private static async Task<IResult> Open(HttpContext context, string id, IGrainFactory grains)
    {
        var body = await ReadAsync<OpenRequest>(context.Request);
        var command = new OpenAccount(body.Owner, body.Currency, body.OverdraftLimit, Key(context));
        return Answer(await Account(context, grains).Open(command).WaitAsync(context.RequestAborted), 201);
    }

    private static async Task<IResult> Deposit(HttpContext context, string id, IGrainFactory grains)
    {
        var body = await ReadAsync<MoneyRequest>(context.Request);
        var command = new MoveMoney(body.Amount, body.Currency, Key(context));
        return Answer(await Account(context, grains).Deposit(command).WaitAsync(context.RequestAborted), 200);
    }

    private static async Task<IResult> Withdraw(HttpContext context, string id, IGrainFactory grains)
    {
        var body = await ReadAsync<MoneyRequest>(context.Request);
        var command = new MoveMoney(body.Amount, body.Currency, Key(context));
        return Answer(await Account(context, grains).Withdraw(command).WaitAsync(context.RequestAborted), 200);
    }

    private static async Task<IResult> Close(HttpContext context, string id, IGrainFactory grains)
    {
        // There is nothing to say beside the call itself, but what is said must be understood.
        if (context.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody == true
            && context.Request.ContentLength != 0)
            await ReadAsync<CloseRequest>(context.Request);
        var command = new CloseAccount(Key(context));
        return Answer(await Account(context, grains).Close(command).WaitAsync(context.RequestAborted), 200);
    }

    private static async Task<IResult> Get(HttpContext context, string id, IGrainFactory grains)
    {
        var account = await Account(context, grains).Get().WaitAsync(context.RequestAborted);
        return account.Status == AccountStatus.None
            ? throw ApiProblem.NotFound($"Account {account.Id} was never opened. POST to it to open it.")
            : Results.Json(account, Answers.Json);
    }

    private static IAccountGrain Account(HttpContext context, IGrainFactory grains) =>
        grains.GetGrain<IAccountGrain>(RequestTarget.AccountId(context));

    private static string? Key(HttpContext context) => RequestHeaders.IdempotencyKey(context.Request);

    private static IResult Answer(AccountAnswer answer, int status)
    {
        if (answer.Refusal is null) return Results.Json(answer.Account, Answers.Json, statusCode: status);
        var refusal = answer.Refusal is RefusalCodes.CurrencyMismatch or RefusalCodes.InvalidAmount
            or RefusalCodes.InvalidAccount ? 422 : 409;
        throw new ApiProblem(refusal, "The ledger refuses", answer.Reason ?? answer.Refusal)
        {
            Members = { ["code"] = answer.Refusal },
        };
    }

    private static async Task<T> ReadAsync<T>(HttpRequest request)
        where T : class
    {
        if (RequestBody.MediaType(request) != "application/json") throw RequestBody.UnknownType(request);
        using var body = await RequestBody.ReadJsonAsync(request, request.HttpContext.RequestAborted);
        try
        {
            return body.RootElement.Deserialize<T>(Answers.Json)
                ?? throw ApiProblem.BadRequest("The body is an object, not null.");
        }
        catch (JsonException fault)
        {
            throw ApiProblem.BadRequest(
                $"At {fault.Path ?? "$"} the body is not what is expected. Text is in quotes; an amount is a "
                + $"decimal of at most {ExactDecimalConverter.LengthMax} characters, without exponent. "
                + "No other member is known.");
        }
    }

    private sealed record OpenRequest(string Owner, string Currency, decimal OverdraftLimit = 0);

    private sealed record CloseRequest;

    private sealed record MoneyRequest(decimal Amount, string Currency);
}
