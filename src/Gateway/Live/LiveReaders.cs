using System.Threading.RateLimiting;
using Microsoft.Extensions.Options;

namespace Granary.Gateway;

/// <summary>Bounds how many readers are live at once, and with that the memory that they take.</summary>
internal sealed class LiveReaders(IOptions<GranaryGatewayOptions> options) : IDisposable
{
    private readonly ConcurrencyLimiter _limiter = new(new ConcurrencyLimiterOptions
    {
        PermitLimit = options.Value.LiveReadersMax,
        QueueLimit = 0,
    });

    public GranaryGatewayOptions Options => options.Value;

    /// <summary>Lets a reader in; it leaves when the lease is disposed.</summary>
    /// <exception cref="ApiProblem">As many as may be are live.</exception>
    public RateLimitLease Enter()
    {
        var lease = _limiter.AttemptAcquire();
        return lease.IsAcquired ? lease : throw Problems.Unavailable(
            "too-many-live-readers", $"{options.Value.LiveReadersMax} readers are live, as many as may be. Send the "
                + "request again after the seconds that Retry-After names.");
    }

    public void Dispose() => _limiter.Dispose();
}
