using System.Security.Cryptography;
using System.Text;
using Granary.Contracts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Granary.Gateway;

/// <summary><c>/api/transfers</c>: transfers between accounts of the ledger.</summary>
internal static class TransferEndpoints
{
    private const int IdBytes = 16;

    public static void Map(RouteGroupBuilder api)
    {
        var transfers = api.MapGroup("/transfers").WithTags("Transfers").WithMetadata(NamesInPath.Marker);
        transfers.MapPost("", Request).WithSummary("Ask for a transfer between two accounts")
            .WithDescription(
                "Idempotency-Key is required: the same key is the same transfer. The money moves after the answer; the "
                + "transfer completes, or is rejected or refunded. A refusal has its code in the problem document. "
                + $"{AppendAnswer.PositionName} of the answer is a position at which models have seen the request.")
            .WithMetadata(ApiParameter.IdempotencyKey)
            .Accepts<TransferRequest>("application/json", ApiDescription.AnyType)
            .Produces<TransferView>(202)
            .ProducesProblems(400, 403, 409, 413, 415, 422, 503);
        transfers.MapRead("/{id}", Get).WithSummary("The transfer as it is").Produces<TransferView>()
            .ProducesProblems(400, 404, 503);
    }

    private static async Task<IResult> Request(HttpContext context, IGrainFactory grains)
    {
        RequestHeaders.RefuseConditions(context.Request);
        var key = RequestHeaders.IdempotencyKey(context.Request)
            ?? throw ApiProblem.BadRequest(
                "idempotency-key-missing",
                "Send an Idempotency-Key of your own: the same key is the same transfer, so a retry is safe.");
        var body = await CommandBody.ReadAsync(context.Request, GatewayJson.Shared.TransferRequest);
        var answer = await grains.GetGrain<ITransferGrain>(IdOf(key))
            .Request(new RequestTransfer(body.From, body.To, body.Amount, key)).WaitAsync(context.RequestAborted);
        if (answer.Refusal is not null) throw AccountEndpoints.Refusal(answer.Refusal, answer.Reason);
        context.Response.Headers.Location = $"{context.Request.PathBase}{Mapping.Api}/transfers/{answer.Transfer.Id}";
        var view = View(answer.Transfer, StatusCodes.Status202Accepted);
        return answer.Position is { } position ? new PositionedResult(view, position) : view;
    }

    private static async Task<IResult> Get(HttpContext context, string id, IGrainFactory grains)
    {
        var sent = RequestTarget.Name(context, "id");
        if (!IsId(sent)) throw Unknown();
        var transfer = await grains.GetGrain<ITransferGrain>(sent).Get().WaitAsync(context.RequestAborted);
        return transfer.Status == TransferStatus.None ? throw Unknown() : View(transfer, StatusCodes.Status200OK);
    }

    private static string IdOf(string key) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)).AsSpan(0, IdBytes));

    private static bool IsId(string id) => id.Length == 2 * IdBytes && id.All(char.IsAsciiHexDigitLower);

    private static ApiProblem Unknown() =>
        ApiProblem.NotFound("There is no such transfer. POST to /api/transfers to ask for one.");

    private static IResult View(TransferView transfer, int status) =>
        new JsonResult<TransferView>(transfer, GatewayJson.Shared.TransferView, status);
}
