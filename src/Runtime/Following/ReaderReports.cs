namespace Granary.Runtime;

/// <summary>How the readers stand whose workers run in this silo, for metrics and health.</summary>
internal sealed class ReaderReports
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(string Name, LogPartition Partition), ReaderStatus> _latest = [];
    private readonly SortedSet<string> _drifted = new(StringComparer.Ordinal);

    /// <summary>What was reported last of each.</summary>
    public IReadOnlyList<ReaderStatus> Latest
    {
        get
        {
            lock (_lock) return [.. _latest.Values];
        }
    }

    /// <summary>The projections whose models were found to differ from the log, in this silo.</summary>
    public IReadOnlyList<string> Drifted
    {
        get
        {
            lock (_lock) return [.. _drifted];
        }
    }

    /// <summary>Reports whether the models of a projection were found to differ from the log.</summary>
    public void ReportDrift(string projection, bool hasDrift)
    {
        lock (_lock)
        {
            if (hasDrift) _drifted.Add(projection);
            else _drifted.Remove(projection);
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
