using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;
using System.Text.Unicode;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace Granary.Gateway;

/// <summary>Reads bodies, within their limit.</summary>
internal static class RequestBody
{
    /// <summary>The largest body, in bytes: an append of 4 MiB, and as much again around its events.</summary>
    public const int SizeMax = 2 * GranaryLimits.BatchSizeMax;

    // A caller that is cut off while it sends never reads why: what is over the limit is read and thrown away, up to
    // here.
    private const int DiscardedMax = 16 * SizeMax;

    // What is set aside first for a body that comes in pieces.
    private const int PieceSize = 16 * 1024;

    // Readers stop at 64 levels by default, .NET's among them, and a page wraps an event's data in three.
    private const int DepthMax = 60;

    private const string UnknownTitle = "The content type is not known";

    private static readonly JsonDocumentOptions Strict = new()
    {
        AllowDuplicateProperties = false,
        MaxDepth = DepthMax,
    };

    public static async Task<ReadOnlyMemory<byte>> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = DiscardedMax;
        var size = 0L;
        ArrayBufferWriter<byte>? gathered = null;
        while (true)
        {
            var read = await ReadPartAsync(request, cancellationToken);
            if (read.IsCanceled) throw new OperationCanceledException("The body is no longer read.");
            size += read.Buffer.Length;
            // Nearly every body is here in one piece: it is copied once, and takes no more memory than it has bytes.
            var whole = read.IsCompleted && gathered is null && size <= SizeMax ? read.Buffer.ToArray() : null;
            if (whole is null && size <= SizeMax)
            {
                foreach (var piece in read.Buffer) (gathered ??= new(PieceSize)).Write(piece.Span);
            }

            request.BodyReader.AdvanceTo(read.Buffer.End);
            if (whole is not null) return whole;
            if (read.IsCompleted) break;
        }

        LimitExceededException.ThrowIfOver(SizeMax, size, "body", "Send fewer events at once.");
        return gathered?.WrittenMemory ?? default;
    }

    // A chunk's length that fits no number is reported as an error of the connection, and is the sender's all the same.
    private static async ValueTask<ReadResult> ReadPartAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        try
        {
            return await request.BodyReader.ReadAsync(cancellationToken);
        }
        catch (IOException fault) when (fault is not BadHttpRequestException
            && !request.HttpContext.RequestAborted.IsCancellationRequested)
        {
            throw ApiProblem.BadRequest("The body cannot be read: its framing is broken.");
        }
    }

    public static async Task<JsonDocument> ReadJsonAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        CheckCharset(request);
        return Parse(await ReadAsync(request, cancellationToken));
    }

    /// <summary>Reads JSON that can be read again by anybody: UTF-8, no name twice, no halves of characters.</summary>
    /// <exception cref="JsonException">It is malformed.</exception>
    public static JsonDocument Parse(ReadOnlyMemory<byte> body)
    {
        if (body.Span.StartsWith(ByteOrderMark)) body = body[ByteOrderMark.Length..];
        if (!Utf8.IsValid(body.Span)) throw ApiProblem.BadRequest("The body holds bytes that are not UTF-8.");
        RefuseHalfCharacters(body.Span);
        try
        {
            return JsonDocument.Parse(body, Strict);
        }
        catch (JsonException fault) when (fault.LineNumber is null)
        {
            // A name that is there twice: the parser does not say where.
            throw JsonPlaces.OfDoubleName(body.Span, DepthMax) ?? fault;
        }
    }

    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    // JSON can escape one half of a surrogate pair, which no text is: it could be stored, but never read as text again.
    private static void RefuseHalfCharacters(ReadOnlySpan<byte> body)
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
                throw ApiProblem.BadRequest(
                    $"The text that begins at byte {reader.TokenStartIndex + 1} holds an escape that is "
                    + "half a character: a surrogate without its pair.");
            }
        }
    }

    /// <summary>The media type without its parameters, in small letters.</summary>
    public static string MediaType(HttpRequest request) =>
        (request.ContentType ?? "").Split(';')[0].Trim().ToLowerInvariant();

    /// <summary>Refuses a request that says its text is in another encoding than UTF-8.</summary>
    public static void CheckCharset(HttpRequest request)
    {
        if (request.ContentType?.Contains(';') != true) return;
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type) || !type.Charset.HasValue) return;
        var charset = type.Charset.Value!.Trim('"').ToLowerInvariant();
        if (charset is not ("utf-8" or "utf8" or "us-ascii"))
            throw new ApiProblem(415, UnknownTitle, $"JSON is in UTF-8 here; {charset} is not taken.");
    }

    public static ApiProblem UnknownType(HttpRequest request) => new(
        415, UnknownTitle, string.IsNullOrEmpty(request.ContentType)
            ? "The request does not say what its body is. Send JSON with Content-Type: application/json."
            : $"{request.ContentType} is not taken here. Send JSON with Content-Type: application/json.");
}
