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
        var accounts = api.MapGroup("/accounts/{id}").WithTags("Accounts").WithMetadata(NamesInPath.Marker);
        Describe(accounts.MapPost("", Open), "Open an account")
            .Accepts<OpenRequest>("application/json", ApiDescription.AnyType)
            .Produces<AccountView>(201);
        Describe(accounts.MapPost("/deposits", Deposit), "Pay in")
            .Accepts<MoneyRequest>("application/json", ApiDescription.AnyType)
            .Produces<AccountView>();
        Describe(accounts.MapPost("/withdrawals", Withdraw), "Pay out")
            .Accepts<MoneyRequest>("application/json", ApiDescription.AnyType)
            .Produces<AccountView>();
        Describe(accounts.MapPost("/close", Close), "Close an empty account").Produces<AccountView>();
        accounts.MapRead("", Get).WithSummary("The account as it is").Produces<AccountView>()
            .ProducesProblems(400, 404, 503);
    }

    /// <summary>The problem that a refusal of the ledger is.</summary>
    public static ApiProblem Refusal(string code, string? reason)
    {
        var status = code is RefusalCodes.CurrencyMismatch or RefusalCodes.InvalidAmount
            or RefusalCodes.InvalidAccount or RefusalCodes.SameAccount ? 422 : 409;
        return new ApiProblem(status, code, "The ledger refuses", reason ?? code);
    }

    private static RouteHandlerBuilder Describe(RouteHandlerBuilder route, string summary) => route.WithSummary(summary)
        .WithDescription("Idempotency-Key makes a retry safe. A refusal has its code in the problem document. "
            + $"{AppendAnswer.PositionName} of the answer is a position at which models have seen the command.")
        .WithMetadata(ApiParameter.IdempotencyKey)
        .ProducesProblems(400, 403, 409, 413, 415, 422, 503);

    private static async Task<IResult> Open(HttpContext context, string id, IGrainFactory grains)
    {
        var body = await CommandBody.ReadAsync(context.Request, GatewayJson.Shared.OpenRequest);
        var command = new OpenAccount(body.Owner, body.Currency, body.OverdraftLimit, Key(context));
        return Answer(await Account(context, grains).Open(command).WaitAsync(context.RequestAborted), 201);
    }

    private static async Task<IResult> Deposit(HttpContext context, string id, IGrainFactory grains)
    {
        var body = await CommandBody.ReadAsync(context.Request, GatewayJson.Shared.MoneyRequest);
        var command = new MoveMoney(body.Amount, body.Currency, Key(context));
        return Answer(await Account(context, grains).Deposit(command).WaitAsync(context.RequestAborted), 200);
    }

    private static async Task<IResult> Withdraw(HttpContext context, string id, IGrainFactory grains)
    {
        var body = await CommandBody.ReadAsync(context.Request, GatewayJson.Shared.MoneyRequest);
        var command = new MoveMoney(body.Amount, body.Currency, Key(context));
        return Answer(await Account(context, grains).Withdraw(command).WaitAsync(context.RequestAborted), 200);
    }

    private static async Task<IResult> Close(HttpContext context, string id, IGrainFactory grains)
    {
        // The call needs no body, but one that is sent must be understood.
        if (context.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody == true
            && context.Request.ContentLength != 0)
            await CommandBody.ReadAsync(context.Request, GatewayJson.Shared.CloseRequest);
        var command = new CloseAccount(Key(context));
        return Answer(await Account(context, grains).Close(command).WaitAsync(context.RequestAborted), 200);
    }

    private static async Task<IResult> Get(HttpContext context, string id, IGrainFactory grains)
    {
        var account = await Account(context, grains).Get().WaitAsync(context.RequestAborted);
        return account.Status == AccountStatus.None
            ? throw ApiProblem.NotFound($"Account {account.Id} was never opened. POST to it to open it.")
            : View(account, StatusCodes.Status200OK);
    }

    private static IAccountGrain Account(HttpContext context, IGrainFactory grains) =>
        grains.GetGrain<IAccountGrain>(RequestTarget.AccountId(context));

    private static string? Key(HttpContext context)
    {
        RequestHeaders.RefuseConditions(context.Request);
        return RequestHeaders.IdempotencyKey(context.Request);
    }

    private static IResult Answer(AccountAnswer answer, int status)
    {
        if (answer.Refusal is not null) throw Refusal(answer.Refusal, answer.Reason);
        return answer.Position is { } position
            ? new PositionedResult(View(answer.Account, status), position)
            : View(answer.Account, status);
    }

    private static IResult View(AccountView account, int status) =>
        new JsonResult<AccountView>(account, GatewayJson.Shared.AccountView, status);
}
