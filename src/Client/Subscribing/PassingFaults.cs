namespace Granary.Client;

/// <summary>
/// Reads again after faults that pass: a silo that stops or is lost, a store that cannot be reached. For a
/// subscription,
/// which lives longer than a call.
/// </summary>
internal sealed class PassingFaults(TimeProvider time)
{
    /// <summary>
    /// How often a read is tried in a row: for about 30 seconds, beside the time that the reads take.
    /// </summary>
    public const int TriesMax = 20;

    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan DelayMax = TimeSpan.FromSeconds(2);

    public static bool IsPassing(Exception fault) => fault is StoreUnavailableException or SiloUnavailableException
        or OrleansMessageRejectionException or TimeoutException or ObjectDisposedException;

    /// <summary>How long to wait after so many faults in a row, from 1.</summary>
    public static TimeSpan DelayOf(int faults)
    {
        var delay = FirstDelay * (1 << Math.Clamp(faults - 1, 0, 10));
        return delay < DelayMax ? delay : DelayMax;
    }

    /// <summary>Reads until there is an answer, or a fault that does not pass or has not passed.</summary>
    public async ValueTask<T> RunAsync<T>(Func<ValueTask<T>> read, CancellationToken cancellationToken)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                return await read();
            }
            catch (Exception fault) when (tries < TriesMax && IsPassing(fault))
            {
                await Task.Delay(DelayOf(tries), time, cancellationToken);
            }
        }
    }
}
