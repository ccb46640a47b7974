namespace Granary.Client;

/// <summary>
/// Sends a call again that a silo did not answer because it stops or is lost. For calls that may run twice: reads, and
/// appends with an idempotency key.
/// </summary>
internal static class SafeRetry
{
    /// <summary>How often a call is sent at most: for a little more than 3 seconds.</summary>
    public const int CallsMax = 7;

    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(50);

    /// <summary>Calls until there is an answer, or an error that is not of a silo's end.</summary>
    public static async Task<T> RunAsync<T>(Func<Task<T>> call, TimeProvider time, CancellationToken cancellationToken)
    {
        for (var made = 1; ; made++)
        {
            try
            {
                return await call().WaitAsync(cancellationToken);
            }
            catch (Exception fault) when (made < CallsMax && IsOfSilo(fault))
            {
                // The next call goes to a silo that remains, as soon as that one is known to stop.
                await Task.Delay(FirstDelay * (1 << (made - 1)), time, cancellationToken);
            }
        }
    }

    // A call that timed out has taken its time already.
    private static bool IsOfSilo(Exception fault) =>
        fault is SiloUnavailableException or OrleansMessageRejectionException;
}
