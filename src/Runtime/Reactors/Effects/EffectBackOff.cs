namespace Granary.Runtime;

/// <summary>How long is waited after a failed try.</summary>
/// <param name="options">The bounds.</param>
/// <param name="random">A number from 0 to 1, the latter excluded, drawn at random.</param>
internal sealed class EffectBackOff(ReactorOptions options, Func<double> random)
{
    /// <summary>
    /// Doubled with each try, and shortened by up to half, so that many do not come back at once. Not shorter than what
    /// the receiver asks for, and never longer than the bound.
    /// </summary>
    public TimeSpan After(int tries, Exception fault)
    {
        var max = TimeSpan.FromMilliseconds(options.RetryDelayMaxMs);
        var doubled = Math.Min(options.RetryDelayMs * Math.Pow(2, Math.Min(tries - 1, 30)), max.TotalMilliseconds);
        var delay = TimeSpan.FromMilliseconds(doubled * (1 - (random() / 2)));
        if ((fault as IRetryAfter)?.RetryAfter is { } asked && asked > delay) delay = asked;
        return delay < max ? delay : max;
    }
}
