namespace Granary.Runtime;

/// <summary>
/// When the log is read though its end is not known to have grown: that it has may be lost, where a store's
/// <see cref="ILogTail"/> is not reliable. Less and less often while nothing is found: each read may cost.
/// </summary>
internal sealed class LogRecheck(TimeProvider time)
{
    /// <summary>After how long it is read again at most.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    private long _readAt;
    private TimeSpan _after;

    /// <summary>Whether it is to be read now.</summary>
    public bool IsDue => time.GetElapsedTime(_readAt) >= _after;

    /// <summary>The log was read.</summary>
    /// <param name="found">Whether it had anything.</param>
    public void OnRead(bool found)
    {
        _readAt = time.GetTimestamp();
        if (found) _after = TimeSpan.Zero;
        else if (_after == TimeSpan.Zero) _after = WorkerSession.WaitMax;
        else _after = 2 * _after < Longest ? 2 * _after : Longest;
    }
}
