using System.Text.Json;
using Granary.Contracts;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Logging;

namespace Granary.Gateway;

/// <summary>Turns errors into RFC 9457 problem documents with what to do.</summary>
internal static class Problems
{
    /// <summary>The code of <see cref="Cleared"/>.</summary>
    public const string ClearedCode = "stream-cleared";

    private const string UnreadableTitle = "What is stored cannot be read";

    /// <summary>Runs a call of the API; whatever it throws becomes a problem document.</summary>
    public static async ValueTask<object?> Filter(EndpointFilterInvocationContext call, EndpointFilterDelegate next)
    {
        var context = call.HttpContext;
        try
        {
            CheckRequest(context);
            return await next(call);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception fault)
        {
            return ToResult(fault, context);
        }
    }

    /// <summary>Checks what every call of the API is checked for.</summary>
    /// <exception cref="ApiProblem">Another origin sent it, or it has a query that the call has not.</exception>
    public static void CheckRequest(HttpContext context)
    {
        CrossOrigin.Check(context.Request);
        RequestQuery.Check(context);
    }

    /// <summary>
    /// Completes a problem document of the server itself: with a type and a code by its status, and what to do.
    /// </summary>
    public static void Complete(ProblemDetails problem, HttpContext context)
    {
        var (code, advice) = problem.Status switch
        {
            403 => ("forbidden", "The server does not allow this request."),
            404 => ("not-found", "Nothing is at this path. The calls are listed at /reference."),
            405 => ("method-not-allowed", "The path has no such method; the Allow header names those that it has."),
            408 => ("request-timeout", "The request did not arrive in time. Send it again."),
            413 => ("too-large", $"A body holds at most {RequestBody.SizeMax} bytes. Send fewer events at once."),
            414 => ("target-too-long", "The path and query are too long. Send shorter names."),
            415 => ("unsupported-content-type",
                "The content type is not accepted here. Send JSON in UTF-8 with Content-Type: application/json."),
            431 => ("headers-too-large", "The headers are too large. Send fewer or shorter ones."),
            503 => ("unavailable", "The server cannot answer now. Send the request again."),
            >= 500 => ("internal-error", "The server's log has the details."),
            _ => ("bad-request", "Compare the request with the description at /reference."),
        };
        problem.Detail ??= advice;
        problem.Extensions.TryAdd("code", code);
        problem.Extensions["traceId"] = RequestTrace.IdOf(context);
        problem.Type = ProblemResponse.TypeOf(problem.Extensions["code"]?.ToString() ?? code);
    }

    public static IResult ToResult(Exception fault, HttpContext context)
    {
        var response = ResponseTo(fault, context);
        if (response.Status == StatusCodes.Status503ServiceUnavailable) context.Response.Headers.RetryAfter = "1";
        return new JsonResult<ProblemResponse>(
            response, GatewayJson.Shared.ProblemResponse, response.Status, ProblemResponse.ContentType);
    }

    /// <summary>The problem document of an error; what is not the caller's fault is logged.</summary>
    public static ProblemResponse ResponseTo(Exception fault, HttpContext context)
    {
        var (problem, traceId) = (Of(fault), RequestTrace.IdOf(context));
        if (problem is null)
        {
            // Its message may hold anything, so it is for the log alone.
            Logger(context).RequestFailed(fault, context.Request.Method, RequestTarget.Path(context), traceId);
            problem = new ApiProblem(500, "internal-error", "Internal error", "The server's log has the details.");
        }

        // A store's own messages name files and servers: they are for the log as well.
        else if (fault is not ApiProblem && problem.Status >= StatusCodes.Status500InternalServerError)
        {
            Logger(context).RequestNotServed(
                fault, context.Request.Method, RequestTarget.Path(context), problem.Status, traceId);
        }

        return new ProblemResponse(
            ProblemResponse.TypeOf(problem.Code), problem.Title, problem.Status, problem.Message, problem.Code)
        {
            TraceId = traceId,
            Members = problem.Members,
        };
    }

    /// <summary>The problem that an error is to the caller, or null where it is none that is known.</summary>
    public static ApiProblem? Of(Exception fault) => fault switch
    {
        ApiProblem problem => problem,
        JsonException json => Malformed(json),
        BadHttpRequestException bad => OfBadRequest(bad),
        LimitExceededException limit => TooLarge(limit),
        EventNotApplicableException { InnerException: LimitExceededException limit } => TooLarge(limit),
        CommandIdReusedException reused => new(
            422, "idempotency-key-reused", "The idempotency key was used before",
            $"{reused.CommandId} came before with another request to {reused.Stream}, as its Idempotency-Key or as the "
            + "source and id of its CloudEvents. Give each request an id of its own."),
        EventNotEncodableException or EventNotApplicableException =>
            new(422, "event-refused", "The event is refused", fault.Message),
        StreamTruncatedException truncated => new(
            410, "stream-truncated", "The events were removed", truncated.Message)
        {
            Members = { ["first"] = truncated.First.Value },
        },
        ProjectionUnknownException or ReaderUnknownException or SubscriptionUnknownException =>
            ApiProblem.NotFound(fault.Message),
        SqlModelsRequiredException => new(500, "sql-models-required", "The store has no SQL", fault.Message),
        SubscriptionExistsException => new(
            409, "subscription-exists", "The name is in use", fault.Message),
        SubscriptionUnavailableException => Unavailable("subscription-unavailable", fault.Message),
        ProjectionIsLiveException => ApiProblem.BadRequest("projection-live", fault.Message),
        ModelQueryException => ApiProblem.BadRequest("invalid-query", fault.Message),
        ModelsBehindException behind => new(503, "models-behind", "The models are behind", behind.Message)
        {
            Members = { ["asked"] = behind.Asked.ToString(), ["passed"] = behind.Passed.ToString() },
        },
        StateNotReadableException => new(500, "state-not-readable", UnreadableTitle, fault.Message),
        StreamNotTruncatedException => new(409, "not-truncated", "The stream was not truncated", fault.Message),
        CategoryOwnedException owned =>
            new(409, "category-owned", "The category belongs to an aggregate", owned.Message),
        // The condition of a request is answered by the stream, and becomes a 412 there.
        WrongExpectedVersionException => Unavailable(
            "contention", "Other writers were faster every time. Nothing was written: send the request again."),
        NotOnGranaryException or InvalidStreamKeyException => ApiProblem.NotFound(fault.Message),
        StateNotShownException => new(500, "state-not-shown", "The state cannot be shown", fault.Message),
        StateNotSupportedException =>
            new(500, "state-not-supported", "The state cannot be used", fault.Message),
        ReplayFailedException => new(500, "replay-failed", UnreadableTitle, fault.Message),
        AdoptionFailedException adoption => new(
            500, "adoption-failed", "The old events cannot be adopted",
            $"The events of {adoption.Stream} from before Granary cannot be adopted, so it cannot be used. The reason "
            + "is in the server's log."),
        LogReplacedException replaced => new(
            409, "log-replaced", "The log is another one",
            $"The log ends before {replaced.Position}, which was read: it was restored from an older copy, or is "
            + "another store's. Read it anew, from its start or from a position that it has."),
        StoreCorruptException or StoreSchemaException
            or EventsNotConfirmedException { InnerException: StoreCorruptException } => new(
            500, "store-damaged", UnreadableTitle,
            "The store is damaged or does not fit. The server's log has the location and what to do."),
        StoreReadOnlyException or EventsNotConfirmedException { InnerException: StoreReadOnlyException } =>
            Unavailable("store-read-only", "The store can be read but not written. The reason is in the server's log."),
        StoreUnavailableException or StaleEpochException => Unavailable(
            "store-unavailable",
            "The store cannot be reached now. Send the request again after the seconds that Retry-After names."),
        EventsNotConfirmedException => Unavailable(
            "not-confirmed",
            "The store did not confirm the events. Send them again after the seconds that Retry-After names; whether "
            + "they were stored is not known, so send an Idempotency-Key or an expected version with them."),
        TimeoutException or SiloUnavailableException or OrleansMessageRejectionException => Unavailable(
            "no-answer", "The aggregate did not answer in time. Whether the request was carried out is not known; with "
                + "an Idempotency-Key it can be sent again safely."),
        _ => null,
    };

    /// <summary>A condition that the stream does not meet.</summary>
    public static ApiProblem WrongVersion(IReadOnlyList<ExpectedVersion> expected, StreamAppendAnswer answer) => new(
        412, "wrong-expected-version", "The stream is at another version",
        "Read the stream, decide again, send the ETag that you saw.")
    {
        Members =
        {
            ["expected"] = expected is [{ Kind: ExpectedVersionKind.Exactly } only] ? only.Version.Value : null,
            ["actual"] = answer.Version.Value,
            ["etag"] = answer.Version == StreamVersion.Zero ? null : StreamETag.Of(answer.Version, answer.Position),
        },
    };

    /// <summary>A reader's last event is not in the stream any more.</summary>
    public static ApiProblem Cleared(StreamName stream, StreamVersion version, GlobalPosition position) => new(
        412, ClearedCode, "The stream was cleared",
        $"Stream {stream} has no event at version {version} and position {position}: the stream was cleared since that "
        + "event was read. Read it from its start again.");

    /// <summary>What cannot be done now; sending it again may help.</summary>
    public static ApiProblem Unavailable(string code, string detail) => new(503, code, "Not available now", detail);

    private static ApiProblem TooLarge(LimitExceededException limit) => new(
        413, "too-large", "Too large", limit.Message)
    {
        Members = { ["actual"] = limit.Actual, ["allowed"] = limit.Allowed },
    };

    private static ApiProblem Malformed(JsonException json)
    {
        var (line, at) = (json.LineNumber ?? 0, json.BytePositionInLine ?? 0);
        // The parser appends the position to its message, counted from 0.
        var reason = json.Message.Split(" LineNumber:", 2)[0].Split(", when isFinalBlock", 2)[0].TrimEnd('.');
        return new(400, "malformed-json", "The JSON is malformed", $"At line {line + 1}, byte {at + 1}: {reason}.")
        {
            Members = { ["line"] = line + 1, ["byte"] = at + 1 },
        };
    }

    private static ApiProblem OfBadRequest(BadHttpRequestException bad) => bad.StatusCode switch
    {
        413 => new(413, "too-large", "Too large",
            $"A body holds at most {RequestBody.SizeMax} bytes. Send fewer events at once."),
        408 => new(408, "request-timeout", "The request took too long", bad.Message),
        _ => new(bad.StatusCode, "bad-request", "The request cannot be understood", bad.Message),
    };

    public static ILogger Logger(HttpContext context) =>
        ((ILoggerFactory)context.RequestServices.GetService(typeof(ILoggerFactory))!).CreateLogger("Granary.Gateway");
}
