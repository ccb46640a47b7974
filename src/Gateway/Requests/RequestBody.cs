using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;
using System.Text.Unicode;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace Granary.Gateway;

/// <summary>Reads bodies, within their limit.</summary>
internal static class RequestBody
{
    /// <summary>The largest body, in bytes: an append of 4 MiB, and as much again around its events.</summary>
    public const int SizeMax = 2 * GranaryLimits.BatchSizeMax;

    // A caller whose connection is cut while it sends never reads the answer: what is over the limit is read and
    // dropped, up to here.
    private const int DiscardedMax = 16 * SizeMax;

    // The first buffer for a body that arrives in pieces.
    private const int PieceSize = 16 * 1024;

    /// <summary>
    /// How deep JSON may be nested. Readers stop at 64 levels by default, .NET's among them, and a page wraps an
    /// event's data in three.
    /// </summary>
    public const int DepthMax = 60;

    private static readonly JsonDocumentOptions Strict = new()
    {
        AllowDuplicateProperties = false,
        MaxDepth = DepthMax,
    };

    /// <summary>The body as it was sent.</summary>
    /// <exception cref="LimitExceededException">It is larger than <see cref="SizeMax"/>.</exception>
    public static ValueTask<ReadOnlyMemory<byte>> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        CheckEncoding(request);
        if (!TryReadWhole(request, out var read)) return CollectAsync(request, cancellationToken);
        ReadOnlyMemory<byte> body = read.Buffer.ToArray();
        Advance(request, read.Buffer.End);
        return new(body);
    }

    /// <summary>
    /// Gives the whole body where it has arrived and is within the limit, as nearly every body is. The caller calls
    /// <see cref="Advance"/>. Where it gives none, nothing is taken from the body.
    /// </summary>
    public static bool TryReadWhole(HttpRequest request, out ReadResult read)
    {
        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = DiscardedMax;
        if (!TryReadPart(request, out read)) return false;
        ThrowIfCanceled(read);
        if (read.IsCompleted && read.Buffer.Length <= SizeMax) return true;
        Advance(request, read.Buffer.Start);
        return false;
    }

    private static async ValueTask<ReadOnlyMemory<byte>> CollectAsync(
        HttpRequest request, CancellationToken cancellationToken)
    {
        var size = 0L;
        var collected = new ArrayBufferWriter<byte>(PieceSize);
        while (true)
        {
            var read = await ReadPartAsync(request, cancellationToken);
            ThrowIfCanceled(read);
            size += read.Buffer.Length;
            if (size <= SizeMax)
            {
                foreach (var piece in read.Buffer) collected.Write(piece.Span);
            }

            Advance(request, read.Buffer.End);
            if (read.IsCompleted) break;
        }

        LimitExceededException.ThrowIfOver(SizeMax, size, "body", "Send fewer events at once.");
        return collected.WrittenMemory;
    }

    private static bool TryReadPart(HttpRequest request, out ReadResult read)
    {
        try
        {
            return request.BodyReader.TryRead(out read);
        }
        catch (IOException fault) when (fault is not BadHttpRequestException)
        {
            throw Unreadable(request, fault);
        }
        catch (OperationCanceledException cut) when (cut.InnerException is ConnectionAbortedException fault)
        {
            throw Unreadable(request, fault);
        }
    }

    /// <summary>Reads what has arrived of a body, or waits for more of it.</summary>
    /// <exception cref="ApiProblem">Its framing is broken.</exception>
    /// <exception cref="OperationCanceledException">Its caller is gone, or the token is cancelled.</exception>
    public static async ValueTask<ReadResult> ReadPartAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        try
        {
            return await request.BodyReader.ReadAsync(cancellationToken);
        }
        catch (IOException fault) when (fault is not BadHttpRequestException)
        {
            throw Unreadable(request, fault);
        }
        catch (OperationCanceledException cut) when (cut.InnerException is ConnectionAbortedException fault)
        {
            throw Unreadable(request, fault);
        }
    }

    /// <summary>Takes what was read of a body. HTTP/2 reports here too that the caller is gone.</summary>
    /// <exception cref="ApiProblem">Its framing is broken.</exception>
    /// <exception cref="OperationCanceledException">Its caller is gone.</exception>
    public static void Advance(HttpRequest request, SequencePosition consumed)
    {
        try
        {
            request.BodyReader.AdvanceTo(consumed);
        }
        catch (IOException fault) when (fault is not BadHttpRequestException)
        {
            throw Unreadable(request, fault);
        }
    }

    private static void ThrowIfCanceled(ReadResult read)
    {
        if (read.IsCanceled) throw new OperationCanceledException("The body is no longer read.");
    }

    // An error of the connection: its caller is gone, or the length of a chunk fits no number.
    private static Exception Unreadable(HttpRequest request, Exception fault)
    {
        // The read may fail before the request is aborted. The server would drain it then, and log that it cannot.
        if (fault is ConnectionResetException) request.HttpContext.Abort();
        var aborted = request.HttpContext.RequestAborted;
        return aborted.IsCancellationRequested
            ? new OperationCanceledException("The caller is gone.", fault, aborted)
            : ApiProblem.BadRequest(
                "malformed-request",
                "The body cannot be read: its framing is broken, or the connection was cut. Send what has no answer "
                + "again.");
    }

    public static async Task<JsonDocument> ReadJsonAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        CheckCharset(request);
        return Parse(await ReadAsync(request, cancellationToken));
    }

    /// <summary>Reads JSON that every reader understands: UTF-8, no property twice, no half characters.</summary>
    /// <exception cref="JsonException">It is malformed.</exception>
    public static JsonDocument Parse(ReadOnlyMemory<byte> body)
    {
        if (body.Span.StartsWith(ByteOrderMark)) body = body[ByteOrderMark.Length..];
        if (!Utf8.IsValid(body.Span)) throw Malformed("The body holds bytes that are not UTF-8.");
        RefuseHalfCharacters(body.Span);
        try
        {
            return JsonDocument.Parse(body, Strict);
        }
        catch (JsonException fault) when (fault.LineNumber is null)
        {
            // A property that an object holds twice: the parser does not report where.
            throw JsonPosition.FindDuplicateProperty(body.Span, DepthMax) ?? fault;
        }
    }

    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    /// <summary>
    /// Refuses an escape of one half of a surrogate pair. That is not text: it could be stored, but not read as text
    /// again.
    /// </summary>
    /// <exception cref="ApiProblem">There is one.</exception>
    /// <exception cref="JsonException">The JSON before it is malformed.</exception>
    public static void RefuseHalfCharacters(ReadOnlySpan<byte> body)
    {
        if (body.IndexOf("\\u"u8) < 0) return;
        var reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = DepthMax });
        while (reader.Read())
        {
            if (!reader.ValueIsEscaped) continue;
            try
            {
                reader.GetString();
            }
            catch (InvalidOperationException)
            {
                throw Malformed(
                    $"The text that begins at byte {reader.TokenStartIndex + 1} holds an escape that is "
                    + "half a character: a surrogate without its pair.");
            }
        }
    }

    /// <summary>
    /// The media type in lower case without its parameters; empty where the request names none, or one that cannot be
    /// parsed.
    /// </summary>
    public static string MediaType(HttpRequest request) => request.ContentType switch
    {
        null => "",
        "application/json" => "application/json",
        var text => MediaTypeHeaderValue.TryParse(text, out var type) && type.MediaType.HasValue
            ? type.MediaType.Value.ToLowerInvariant()
            : "",
    };

    /// <summary>Whether a media type is JSON: its subtype is <c>json</c> or ends with <c>+json</c>.</summary>
    public static bool IsJson(string mediaType) =>
        mediaType.EndsWith("/json", StringComparison.Ordinal) || mediaType.EndsWith("+json", StringComparison.Ordinal);

    /// <summary>Refuses a request that declares its text in another encoding than UTF-8.</summary>
    public static void CheckCharset(HttpRequest request)
    {
        if (request.ContentType?.Contains(';') != true) return;
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type)) throw UnknownType(request);
        if (!type.Charset.HasValue) return;
        var charset = HeaderUtilities.RemoveQuotes(type.Charset).ToString().ToLowerInvariant();
        if (charset is not ("utf-8" or "utf8" or "us-ascii"))
            throw Unsupported($"JSON is in UTF-8 here; {charset} is not accepted.");
    }

    public static ApiProblem UnknownType(HttpRequest request) => Unsupported(
        string.IsNullOrEmpty(request.ContentType)
            ? "The request has no Content-Type. Send JSON with Content-Type: application/json."
            : $"{request.ContentType} is not accepted here. Send JSON with Content-Type: application/json.");

    public static void CheckEncoding(HttpRequest request)
    {
        if (!request.Headers.TryGetValue(HeaderNames.ContentEncoding, out var encoding)) return;
        if (encoding is [var only] && "identity".Equals(only, StringComparison.OrdinalIgnoreCase)) return;
        request.HttpContext.Response.Headers.AcceptEncoding = "identity";
        throw new ApiProblem(
            415, "unsupported-content-encoding", "The content encoding is not supported",
            $"Content-Encoding '{encoding}' is not accepted here. Send the body as it is, without the header.");
    }

    private static ApiProblem Malformed(string detail) =>
        new(400, "malformed-json", "The JSON is malformed", detail);

    private static ApiProblem Unsupported(string detail) =>
        new(415, "unsupported-content-type", "The content type is not supported", detail);
}
