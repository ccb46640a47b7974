namespace Granary.Silo;

/// <summary>
/// Keeps the case of a request's method. RFC 9110 distinguishes it and routing does not: <c>get</c> is no method that
/// any call has, and is answered 405 like every other that there is not.
/// </summary>
internal static class SentMethod
{
    /// <summary>Passes a request on before it is routed.</summary>
    public static Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        var method = context.Request.Method;
        if (method.AsSpan().ContainsAnyInRange('a', 'z')) context.Request.Method = $"no {method}";
        return next(context);
    }
}
