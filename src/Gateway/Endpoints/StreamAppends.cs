using Granary.Client;
using Granary.Contracts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Granary.Gateway;

/// <summary><c>POST /api/streams/{category}/{key}</c>: an append.</summary>
/// <remarks>
/// The call that is made most often. It is mapped without a filter and without services of a request, of which each
/// takes memory and time at every request: what <see cref="Problems.Filter"/> does for the others it does itself.
/// </remarks>
internal sealed class StreamAppends(IServiceProvider services)
{
    private const int ClientClosedRequest = 499;

    private IGranaryClient? _client;

    // Not before the first request: a client may be had only when the application runs.
    private IGranaryClient Client => _client ??= services.GetRequiredService<IGranaryClient>();

    private IGrainFactory Grains => services.GetRequiredService<IGrainFactory>();

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGroup(Mapping.Api).WithGroupName(ApiDescription.Document).MapGroup(StreamEndpoints.Pattern)
            .WithTags(StreamEndpoints.Tag).WithMetadata(NamesInPath.Marker)
            .MapPost("", new StreamAppends(routes.ServiceProvider).Append).WithSummary("Append events")
            .WithDescription("One event or an array of {\"type\",\"data\",\"id\"?,\"metadata\"?}, or CloudEvents 1.0 "
                + "(structured, batched, binary). If-Match: \"7-42\" expects the stream with that ETag, "
                + "If-None-Match: * no stream. Idempotency-Key makes a retry safe. CloudEvents are safe to send again "
                + "without one, in any batch: one whose source and id the stream holds is not stored again. "
                + $"{AppendAnswer.PositionName} of the answer is the append's position. {ModelConfirmation.Seen} has "
                + $"the projections of {ModelConfirmation.Asked} whose models have seen the append, and "
                + $"{ModelConfirmation.NotSeen} those that have not, each with passed or reason: it is stored all the "
                + "same.")
            .Accepts<EventRequest>(
                "application/json", CloudEvents.Structured, CloudEvents.Batch, ApiDescription.AnyType)
            .Produces<AppendResponse>(201).Produces<AppendResponse>(200).Produces(204)
            .ProducesProblems(400, 403, 409, 412, 413, 415, 422, 503)
            .WithMetadata(ApiParameter.IfMatch, ApiParameter.IfNoneMatch, ApiParameter.IdempotencyKey)
            .WithMetadata(ApiParameter.Confirm, ApiParameter.ConfirmWait)
            .WithMetadata(OwnAnswers.Marker)
            .AddOpenApiOperationTransformer(ApiDescription.DescribeBodiesAsync);

    private async Task Append(HttpContext context, string category, string key)
    {
        AppendAnswer answered;
        try
        {
            Problems.CheckRequest(context);
            var stream = RequestTarget.Stream(context);
            var expected = RequestHeaders.Expected(context.Request);
            var idempotencyKey = RequestHeaders.IdempotencyKey(context.Request);
            var confirmation = ModelConfirmation.Of(context.Request);
            var body = await EventBody.ReadAsync(context.Request);
            if (body.Events.Count == 0)
            {
                context.Response.StatusCode = StatusCodes.Status204NoContent;
                return;
            }

            var append = new StreamAppend(
                body.Events, expected[0], idempotencyKey ?? body.CloudEventsKey,
                AreCloudEvents: idempotencyKey is null && body.CloudEventsKey is not null);

            // It runs to its end whether its caller waits or not, so the caller is not answered before.
            var answer = await Client.AppendAsync(stream, append, CancellationToken.None);
            if (answer.Outcome == AppendOutcome.Conflict)
                answer = await AppendAgainAsync(stream, append, expected, answer);
            if (confirmation is not null && answer.Outcome != AppendOutcome.Conflict)
                await confirmation.WaitAsync(Grains, answer.Position, context.Response, context.RequestAborted);
            answered = AppendAnswer.Write(stream, answer);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // Nobody reads an answer.
            context.Response.StatusCode = ClientClosedRequest;
            return;
        }
        catch (Exception fault)
        {
            await Problems.ToResult(fault, context).ExecuteAsync(context);
            return;
        }

        using (answered) await answered.SendAsync(context.Response);
    }

    // Of several versions that may be met, a conflict names the one that the stream is at, if it is among them. Each
    // further try means that another writer was faster, so there are not more of them than versions.
    private async Task<StreamAppendAnswer> AppendAgainAsync(
        StreamName stream, StreamAppend append, ExpectedVersion[] expected, StreamAppendAnswer answer)
    {
        for (var tries = 1; answer.Outcome == AppendOutcome.Conflict; tries++)
        {
            var at = tries > expected.Length ? -1 : Array.FindIndex(
                expected, one => one != append.Expected && one.IsMetBy(answer.Version, answer.Position.Position));
            if (at < 0) throw Problems.WrongVersion(expected, answer);
            append = append with { Expected = expected[at] };
            answer = await Client.AppendAsync(stream, append, CancellationToken.None);
        }

        return answer;
    }
}

/// <summary>
/// Marks a call that answers everything itself, errors included: what completes or replaces an answer of the server is
/// not needed around it.
/// </summary>
internal sealed class OwnAnswers : Microsoft.AspNetCore.Http.Metadata.ISkipStatusCodePagesMetadata
{
    public static OwnAnswers Marker { get; } = new();
}
