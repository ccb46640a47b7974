using Microsoft.AspNetCore.Connections;

namespace Granary.Silo;

/// <summary>
/// Bounds how long a connection may hold up a stop. The server ends its own time limits when its stop begins, so one
/// client that sends half a request, or does not read its answer, would take all the time that the host has for its
/// stop: nothing would be left to end the silo and to drain the appender in.
/// </summary>
internal sealed class StopLimit(IHostApplicationLifetime lifetime, TimeProvider time)
{
    /// <summary>
    /// How long. A request that waits for a store that is unavailable has its answer before; the host stops within 30
    /// seconds.
    /// </summary>
    public static readonly TimeSpan Max = TimeSpan.FromSeconds(22);

    /// <summary>Serves a connection, and cuts it off where it is open so long after the stop has begun.</summary>
    public async Task ServeAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        using var limit = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        using var cut = limit.Token.UnsafeRegister(
            static connection => ((ConnectionContext)connection!).Abort(new("The server stops.")), connection);
        using var stop = lifetime.ApplicationStopping.UnsafeRegister(
            static limit => ((CancellationTokenSource)limit!).CancelAfter(Max), limit);
        await next(connection);
    }
}
