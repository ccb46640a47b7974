namespace Granary.Runtime;

/// <summary>How the readers stand whose workers run in this silo, for metrics and health.</summary>
internal sealed class ReaderReports
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(string Name, LogPartition Partition), ReaderStatus> _latest = [];

    /// <summary>What was reported last of each.</summary>
    public IReadOnlyList<ReaderStatus> Latest
    {
        get
        {
            lock (_lock) return [.. _latest.Values];
        }
    }

    /// <summary>Reports how a reader stands in a partition.</summary>
    public void Report(ReaderStatus status)
    {
        lock (_lock) _latest[(status.Name, status.Position.Partition)] = status;
    }

    /// <summary>Its worker does not run here any more.</summary>
    public void Remove(string name, LogPartition partition)
    {
        lock (_lock) _latest.Remove((name, partition));
    }
}
