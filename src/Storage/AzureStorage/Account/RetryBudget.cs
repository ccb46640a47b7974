using System.Globalization;
using Azure;

namespace Granary.Storage.AzureStorage;

/// <summary>How long a call is tried again, and how long it waits before each try.</summary>
internal sealed class RetryBudget(TimeSpan whole, TimeProvider time, AzureMetrics metrics)
{
    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(2);

    private readonly long _start = time.GetTimestamp();
    private TimeSpan _next = First;

    /// <summary>Waits before the next try; false where the budget does not allow one.</summary>
    public async ValueTask<bool> WaitAsync(Exception fault, CancellationToken cancellationToken)
    {
        metrics.OnRetry(fault);
        var wait = RetryAfter(fault) is { } asked && asked > _next ? asked : _next;
        if (time.GetElapsedTime(_start) + wait > whole) return false;
        await Task.Delay(wait, time, cancellationToken).ConfigureAwait(false);
        if (_next < Longest) _next *= 2;
        return true;
    }

    /// <summary>
    /// Another process has committed in between: tries again at once, a few times, and then after a short while. A
    /// longer one would leave the partition to a process that need not read it again.
    /// </summary>
    /// <param name="tries">How often it was tried.</param>
    /// <param name="spread">0 to 1, another one for each process, so that they do not meet again.</param>
    public async ValueTask<bool> WaitForTurnAsync(int tries, double spread)
    {
        metrics.OnContended();
        if (time.GetElapsedTime(_start) > whole) return false;
        const int atOnce = 8, longestMs = 20;
        if (tries > atOnce)
        {
            var wait = TimeSpan.FromMilliseconds(Math.Min(tries - atOnce, longestMs) * spread);
            await Task.Delay(wait, time, CancellationToken.None).ConfigureAwait(false);
        }

        return true;
    }

    private static TimeSpan? RetryAfter(Exception fault) =>
        (fault as RequestFailedException)?.GetRawResponse() is { } response
            && response.Headers.TryGetValue("Retry-After", out var text)
            && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            ? TimeSpan.FromSeconds(seconds)
            : null;
}
