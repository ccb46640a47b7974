using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Granary.Gateway;

/// <summary>Turns errors into RFC 9457 problem documents that say what to do.</summary>
internal static class Problems
{
    private const string UnreadableTitle = "What is stored cannot be read";

    /// <summary>Runs a call; whatever it throws becomes a problem document.</summary>
    public static async ValueTask<object?> Filter(EndpointFilterInvocationContext call, EndpointFilterDelegate next)
    {
        try
        {
            return await next(call);
        }
        catch (OperationCanceledException) when (call.HttpContext.RequestAborted.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception fault)
        {
            return ToResult(fault, call.HttpContext);
        }
    }

    /// <summary>What to do about an answer that came from the server rather than from a call.</summary>
    public static string Advice(int? status) => status switch
    {
        404 => "Nothing is at this path. The calls are listed at /reference.",
        405 => "The path has no such method; the Allow header names those that it has.",
        413 => $"A body holds at most {RequestBody.SizeMax} bytes. Send fewer events at once.",
        415 => "The content type is not taken here. Send JSON in UTF-8, and name it in the Content-Type header.",
        >= 500 => "The server's log has the details.",
        _ => "Compare the request with the description at /reference.",
    };

    public static IResult ToResult(Exception fault, HttpContext context)
    {
        var problem = Of(fault);
        if (problem is null)
        {
            // What it says may be anything, so it is for the log alone.
            Logger(context).RequestFailed(fault, context.Request.Method, context.Request.Path);
            problem = new ApiProblem(500, "Something is wrong here", "The server's log has the details.");
        }

        // A store's own words name files and servers: they are for the log as well.
        else if (fault is not ApiProblem && problem.Status >= StatusCodes.Status500InternalServerError)
        {
            Logger(context).RequestNotServed(fault, context.Request.Method, context.Request.Path, problem.Status);
        }

        if (problem.Status == StatusCodes.Status503ServiceUnavailable) context.Response.Headers.RetryAfter = "1";
        return Results.Problem(problem.Message, null, problem.Status, problem.Title, extensions: problem.Members);
    }

    public static ApiProblem? Of(Exception fault) => fault switch
    {
        ApiProblem problem => problem,
        JsonException json => Malformed(json),
        BadHttpRequestException bad => OfBadRequest(bad),
        LimitExceededException limit => new(413, "Too large", limit.Message)
        {
            Members = { ["actual"] = limit.Actual, ["allowed"] = limit.Allowed },
        },
        CommandIdReusedException reused => new(
            422, "The idempotency key was used before",
            $"Idempotency-Key {reused.CommandId} came before with another request to {reused.Stream}. "
            + "Give each request a key of its own."),
        EventNotEncodableException or EventNotApplicableException => new(422, "The event is refused", fault.Message),
        CategoryOwnedException owned => new(409, "The category belongs to an aggregate", owned.Message)
        {
            Members = { ["code"] = "category-owned" },
        },
        // What a caller itself expects is answered by the stream, and becomes a 412 there.
        WrongExpectedVersionException => Unavailable(
            "Other writers were faster every time. Nothing was written: send the request again."),
        NotOnGranaryException or InvalidStreamKeyException => ApiProblem.NotFound(fault.Message),
        StateNotShownException => new(500, "The state cannot be shown", fault.Message),
        ReplayFailedException => new(500, UnreadableTitle, fault.Message),
        StoreCorruptException or StoreSchemaException
            or EventsNotConfirmedException { InnerException: StoreCorruptException } => new(
            500, UnreadableTitle, "The store is damaged or does not fit. The server's log says where and what to do."),
        StoreReadOnlyException or EventsNotConfirmedException { InnerException: StoreReadOnlyException } =>
            Unavailable("The store can be read but not written. The server's log says why."),
        StoreUnavailableException => Unavailable(
            "The store cannot be reached now. Send the request again after the seconds that Retry-After names."),
        EventsNotConfirmedException => Unavailable(
            "The store did not take the events. Send them again after the seconds that Retry-After names; whether they "
            + "landed all the same is not known, so send an Idempotency-Key or an expected version with them."),
        TimeoutException or SiloUnavailableException or OrleansMessageRejectionException =>
            Unavailable("The aggregate did not answer in time. Whether the request was carried out is not known; with "
                + "an Idempotency-Key it can be sent again safely."),
        _ => null,
    };

    public static ApiProblem WrongVersion(ExpectedVersion expected, StreamVersion actual) =>
        new(412, "The stream is at another version", "Read the stream, decide again, send the version that you saw.")
        {
            Members =
            {
                ["expected"] = expected.Kind == ExpectedVersionKind.Exactly ? expected.Version.Value : null,
                ["actual"] = actual.Value,
            },
        };

    private static ApiProblem Malformed(JsonException json)
    {
        var (line, at) = (json.LineNumber ?? 0, json.BytePositionInLine ?? 0);
        // The parser appends the place to its message, counted from 0.
        var reason = json.Message.Split(" LineNumber:", 2)[0].Split(", when isFinalBlock", 2)[0].TrimEnd('.');
        return new(400, "The JSON is malformed", $"At line {line + 1}, byte {at + 1}: {reason}.")
        {
            Members = { ["line"] = line + 1, ["byte"] = at + 1 },
        };
    }

    private static ApiProblem OfBadRequest(BadHttpRequestException bad) => bad.StatusCode == 413
        ? new(413, "Too large", $"A body holds at most {RequestBody.SizeMax} bytes. Send fewer events at once.")
        : new(bad.StatusCode, "The request cannot be understood", bad.Message);

    private static ApiProblem Unavailable(string detail) => new(503, "Not available now", detail);

    private static ILogger Logger(HttpContext context) =>
        ((ILoggerFactory)context.RequestServices.GetService(typeof(ILoggerFactory))!).CreateLogger("Granary.Gateway");
}
