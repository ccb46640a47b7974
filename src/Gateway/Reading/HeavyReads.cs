using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Granary.Gateway;

/// <summary>
/// Bounds how many pages and states are read at once, and with that the memory that they take. Heads, appends and
/// readiness are not bounded by it.
/// </summary>
internal sealed class HeavyReads(IOptions<GranaryGatewayOptions> options) : IDisposable
{
    private readonly ConcurrencyLimiter _limiter = new(new ConcurrencyLimiterOptions
    {
        PermitLimit = options.Value.ReadsMax,
        QueueLimit = options.Value.ReadsQueuedMax,
        QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
    });

    public static async ValueTask<object?> Filter(EndpointFilterInvocationContext call, EndpointFilterDelegate next)
    {
        var reads = call.HttpContext.RequestServices.GetRequiredService<HeavyReads>();
        var lease = await reads._limiter.AcquireAsync(1, call.HttpContext.RequestAborted);

        // A filter of the application may replace the result that disposes the lease.
        call.HttpContext.Response.RegisterForDispose(lease);
        try
        {
            if (!lease.IsAcquired)
                throw Problems.Unavailable(
                    "too-many-reads", "Too many pages and states are being read. Send the request again after the "
                        + "seconds that Retry-After names.");
            var result = (IResult)(await next(call))!;
            return new Leased(result, lease);
        }
        catch
        {
            lease.Dispose();
            throw;
        }
    }

    public void Dispose() => _limiter.Dispose();

    // The read continues while its result is sent.
    private sealed class Leased(IResult result, RateLimitLease lease) : IResult
    {
        public async Task ExecuteAsync(HttpContext httpContext)
        {
            using (lease) await result.ExecuteAsync(httpContext);
        }
    }
}
