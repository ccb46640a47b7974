namespace Granary.Client;

/// <summary>Finds where a subscription begins.</summary>
internal static class LogSourceExtensions
{
    /// <summary>What a subscription is called in errors: it has no name.</summary>
    public const string SubscriptionName = "live subscription";

    /// <summary>The position of a partition's last event.</summary>
    public static async ValueTask<GlobalPosition> ReadEndAsync(
        this ILogSource source, LogPartition partition, TimeProvider time, CancellationToken cancellationToken)
    {
        // After every position there is nothing to read, and the page has the end.
        var after = new LogPosition(partition, new(long.MaxValue));
        var page = await SafeRetry.RunAsync(
            () => source.ReadPageAsync(after, LogFilter.All, 1, cancellationToken).AsTask(), time, cancellationToken);
        return page.End;
    }

    /// <summary>The positions at which a subscription begins.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The log has no such partition.</exception>
    /// <exception cref="LogReplacedException">The log ends before one of the positions.</exception>
    public static async ValueTask<LogPositions> ResolveAsync(
        this ILogSource source, LogStart start, TimeProvider time, CancellationToken cancellationToken)
    {
        var count = await source.GetPartitionCountAsync(cancellationToken);
        var positions = start.Positions
            ?? (start.Partition is { } only ? new([LogPosition.StartOf(only)]) : LogPositions.StartOf(count));
        foreach (var one in positions.Items)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(one.Partition.Value, count, "partition");
            if (start.Positions is null && !start.IsEnd) continue;
            var end = await source.ReadEndAsync(one.Partition, time, cancellationToken);
            if (start.IsEnd) positions = positions.With(one with { Position = end });
            else ThrowIfReplaced(one, end);
        }

        return positions;
    }

    /// <exception cref="LogReplacedException">The log ends before a position that was read.</exception>
    public static void ThrowIfReplaced(LogPosition read, GlobalPosition end)
    {
        if (end < read.Position)
            throw new LogReplacedException(SubscriptionName, read, $"partition {read.Partition} ends at {end}.");
    }
}
