using Microsoft.AspNetCore.Http;

namespace Granary.Gateway;

/// <summary>An answer with the position of what was appended, which a query of models can wait for.</summary>
internal sealed class PositionedResult(IResult answer, LogPosition position) : IResult
{
    public Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.Headers[AppendAnswer.PositionName] = position.ToString();
        return answer.ExecuteAsync(httpContext);
    }
}
