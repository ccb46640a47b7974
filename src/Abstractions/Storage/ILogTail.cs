namespace Granary;

/// <summary>The end of the log: what follows the log waits here for more.</summary>
/// <remarks>
/// A wait is a hint, the log is the truth: who was woken reads the log, and waits again from where the log led. So no
/// growth is missed however late a waiter comes, and one that is woken without cause reads an empty page.
/// </remarks>
public interface ILogTail
{
    /// <summary>
    /// Completes when a partition may have grown beyond a position: at once where it has. What this process commits
    /// completes it when it is committed, what another process commits within a bounded time.
    /// </summary>
    /// <param name="after">The position through which the waiter has read.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The last position that is known of the partition; it may be no greater than the waiter's.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The store has no such partition.</exception>
    ValueTask<GlobalPosition> WaitAsync(LogPosition after, CancellationToken cancellationToken);
}
