using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;

namespace Granary.Gateway;

/// <summary>A small response, written whole: it is sent with its length, in one piece.</summary>
internal sealed class JsonResult<T>(
    T value, JsonTypeInfo<T> type, int status = StatusCodes.Status200OK,
    string contentType = "application/json; charset=utf-8") : IResult
{
    public Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        var json = JsonSerializer.SerializeToUtf8Bytes(value, type);
        response.StatusCode = status;
        response.ContentType = contentType;
        response.ContentLength = json.Length;
        // Where the caller is gone nothing is sent, and that is no error here.
        return response.Body.WriteAsync(json, CancellationToken.None).AsTask();
    }
}

/// <summary>Makes a <see cref="JsonResult{T}"/>.</summary>
internal static class JsonResult
{
    public static IResult Of(TruncateResponse response) =>
        new JsonResult<TruncateResponse>(response, GatewayJson.Shared.TruncateResponse);

    public static IResult Of(HeadResponse response) =>
        new JsonResult<HeadResponse>(response, GatewayJson.Shared.HeadResponse);
}
