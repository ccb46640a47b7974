using System.Diagnostics;
using Microsoft.AspNetCore.Http;

namespace Granary.Gateway;

/// <summary>The trace of a request, as its problem documents and the log name it.</summary>
internal sealed class RequestTrace
{
    private readonly string _id;

    private RequestTrace(HttpContext context)
    {
        DistributedContextPropagator.Current.ExtractTraceIdAndState(
            context.Request.Headers,
            static (object? headers, string name, out string? value, out IEnumerable<string>? values) =>
            {
                values = null;
                value = ((IHeaderDictionary)headers!)[name];
            },
            out var parent, out _);
        using var activity = new Activity(nameof(RequestTrace));
        if (!string.IsNullOrEmpty(parent)) activity.SetParentId(parent);
        _id = activity.Start().Id!;
    }

    /// <summary>
    /// Its id: that of the current activity, else one that is made now and stays the same for the request. It continues
    /// the caller's trace.
    /// </summary>
    public static string IdOf(HttpContext context)
    {
        if (Activity.Current?.Id is { } id) return id;
        if (context.Features.Get<RequestTrace>() is { } made) return made._id;
        made = new RequestTrace(context);
        context.Features.Set(made);
        return made._id;
    }
}
