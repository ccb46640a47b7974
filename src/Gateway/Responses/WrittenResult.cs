using Microsoft.AspNetCore.Http;

namespace Granary.Gateway;

/// <summary>An answer whose JSON is written already.</summary>
internal sealed class WrittenResult(ReadOnlyMemory<byte> json, int status) : IResult
{
    public Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.StatusCode = status;
        response.ContentType = "application/json; charset=utf-8";
        response.ContentLength = json.Length;
        // Who has gone away meanwhile is sent nothing, and that is no error here.
        return response.Body.WriteAsync(json, CancellationToken.None).AsTask();
    }
}
