using System.Text.Json;
using System.Text.Unicode;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Granary.Gateway;

/// <summary>Reads bodies, within their limit.</summary>
internal static class RequestBody
{
    /// <summary>The largest body, in bytes: an append of 4 MiB, and as much again around its events.</summary>
    public const int SizeMax = 2 * GranaryLimits.BatchSizeMax;

    // A caller that is cut off while it sends never reads why: what is over the limit is read and thrown away, up to
    // here.
    private const int DiscardedMax = 16 * SizeMax;

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 64 };

    public static async Task<ReadOnlyMemory<byte>> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = DiscardedMax;
        using var buffer = new MemoryStream();
        var chunk = new byte[64 * 1024];
        var size = 0L;
        for (int read; (read = await request.Body.ReadAsync(chunk, cancellationToken)) > 0;)
        {
            size += read;
            if (size <= SizeMax) buffer.Write(chunk, 0, read);
        }

        LimitExceededException.ThrowIfOver(SizeMax, size, "body", "Send fewer events at once.");
        return buffer.GetBuffer().AsMemory(0, (int)buffer.Length);
    }

    public static async Task<JsonDocument> ReadJsonAsync(HttpRequest request, CancellationToken cancellationToken) =>
        Parse(await ReadAsync(request, cancellationToken));

    /// <summary>Reads JSON that can be read again by anybody: UTF-8, no name twice, no halves of characters.</summary>
    /// <exception cref="JsonException">It is malformed.</exception>
    public static JsonDocument Parse(ReadOnlyMemory<byte> body)
    {
        if (!Utf8.IsValid(body.Span)) throw ApiProblem.BadRequest("The body holds bytes that are not UTF-8.");
        RefuseHalfCharacters(body.Span);
        return JsonDocument.Parse(body, Strict);
    }

    // JSON can escape one half of a surrogate pair, which no text is: it could be stored, but never read as text again.
    private static void RefuseHalfCharacters(ReadOnlySpan<byte> body)
    {
        if (body.IndexOf("\\u"u8) < 0) return;
        var reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = Strict.MaxDepth });
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

    public static ApiProblem UnknownType(HttpRequest request) => new(
        415, "The content type is not known",
        $"{request.ContentType ?? "No content type"} is not taken here. Send application/json.");
}
