using Granary;
using GranaryApp._1.Accounts;

var builder = WebApplication.CreateBuilder(args);
builder.UseOrleans(silo =>
{
    // One silo on this machine; its ports can be set, so that several applications run beside each other.
    silo.UseLocalhostClustering(
        builder.Configuration.GetValue("Granary:SiloPort", 11111),
        builder.Configuration.GetValue("Granary:GatewayPort", 30000));
    silo.AddGranary().UseSqlite(options =>
        options.Path = builder.Configuration["Granary:Path"] ?? "data/granary.db");
});

builder.Services.AddProblemDetails();

var app = builder.Build();
app.UseExceptionHandler(new ExceptionHandlerOptions
{
    StatusCodeSelector = static fault => fault switch
    {
        ArgumentException => StatusCodes.Status400BadRequest,
        CommandIdReusedException => StatusCodes.Status422UnprocessableEntity,
        EventsNotConfirmedException or StoreUnavailableException => StatusCodes.Status503ServiceUnavailable,
        _ => StatusCodes.Status500InternalServerError,
    },
});

var accounts = app.MapGroup("/accounts/{id}");

accounts.MapGet("/", async (string id, IGrainFactory grains) => await grains.GetGrain<IAccountGrain>(id).Get());
accounts.MapPost("/deposits", async (string id, decimal amount, HttpRequest request, IGrainFactory grains) =>
    Answer(await grains.GetGrain<IAccountGrain>(id).Deposit(CommandId(request), amount)));
accounts.MapPost("/withdrawals", async (string id, decimal amount, HttpRequest request, IGrainFactory grains) =>
    Answer(await grains.GetGrain<IAccountGrain>(id).Withdraw(CommandId(request), amount)));

app.Run();

// A caller that may send a request again names it by the same key each time; without one it is never a repetition.
static string? CommandId(HttpRequest request) =>
    request.Headers["Idempotency-Key"] is { Count: 1 } key ? key.ToString() : null;

static IResult Answer(AccountAnswer answer) =>
    answer.Accepted ? Results.Ok(answer) : Results.Conflict(answer);
