using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Granary.Gateway;

/// <summary>Reads bodies, within their limit.</summary>
internal static class RequestBody
{
    /// <summary>The largest body, in bytes: an append of 4 MiB and as much again around and between its events.</summary>
    public const int SizeMax = 2 * GranaryLimits.BatchSizeMax;

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 64 };

    public static async Task<ReadOnlyMemory<byte>> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = SizeMax;
        using var buffer = new MemoryStream();
        await request.Body.CopyToAsync(buffer, cancellationToken);
        return buffer.GetBuffer().AsMemory(0, (int)buffer.Length);
    }

    public static async Task<JsonDocument> ReadJsonAsync(HttpRequest request, CancellationToken cancellationToken) =>
        JsonDocument.Parse(await ReadAsync(request, cancellationToken), Strict);

    /// <summary>The media type without its parameters, in small letters.</summary>
    public static string MediaType(HttpRequest request) =>
        (request.ContentType ?? "").Split(';')[0].Trim().ToLowerInvariant();

    public static ApiProblem UnknownType(HttpRequest request) => new(
        415, "The content type is not known",
        $"{request.ContentType ?? "No content type"} is not taken here. Send application/json.");
}
