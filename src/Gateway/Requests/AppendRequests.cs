using System.Threading.RateLimiting;
using Microsoft.Extensions.Options;

namespace Granary.Gateway;

/// <summary>
/// Bounds how many requests with many appends are open at once, and with that the memory that they take.
/// </summary>
internal sealed class AppendRequests(IOptions<GranaryGatewayOptions> options) : IDisposable
{
    private readonly ConcurrencyLimiter _limiter = new(new ConcurrencyLimiterOptions
    {
        PermitLimit = options.Value.AppendRequestsMax,
        QueueLimit = 0,
    });

    public GranaryGatewayOptions Options => options.Value;

    /// <summary>Lets a request in; it leaves when it is disposed.</summary>
    /// <exception cref="ApiProblem">As many as may be are open.</exception>
    public OpenAppendRequest Enter()
    {
        var lease = _limiter.AttemptAcquire();
        return lease.IsAcquired
            ? new OpenAppendRequest(lease, options.Value)
            : throw Problems.Unavailable(
                "too-many-append-requests", "Too many requests with many appends are open. Send the request again "
                    + "after the seconds that Retry-After names.");
    }

    public void Dispose() => _limiter.Dispose();
}

/// <summary>A request with many appends that was let in.</summary>
internal sealed class OpenAppendRequest(RateLimitLease lease, GranaryGatewayOptions options) : IDisposable
{
    public GranaryGatewayOptions Options => options;

    public void Dispose() => lease.Dispose();
}
