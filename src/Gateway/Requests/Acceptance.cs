using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Granary.Gateway;

/// <summary>In which form a page of events is wanted.</summary>
internal static class Acceptance
{
    private static readonly MediaTypeHeaderValue Batch = new(CloudEvents.Batch);
    private static readonly MediaTypeHeaderValue Json = new("application/json");

    /// <summary>Whether the caller accepts batches of CloudEvents, and prefers nothing else.</summary>
    public static bool IsCloudEvents(HttpRequest request)
    {
        if (request.Headers.Accept.Count == 0 || request.GetTypedHeaders().Accept is not { Count: > 0 } accepted)
            return false;
        var batch = accepted
            .Where(static one => Batch.MediaType.Equals(one.MediaType, StringComparison.OrdinalIgnoreCase))
            .Select(static one => one.Quality ?? 1).DefaultIfEmpty(0).Max();
        return batch > 0 && accepted.All(one => !Json.IsSubsetOf(one) || (one.Quality ?? 1) <= batch);
    }
}
