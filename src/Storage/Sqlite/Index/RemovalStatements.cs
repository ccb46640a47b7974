namespace Granary.Storage.Sqlite;

/// <summary>
/// What of a stream is removed: all that is before its last clearing, or before the first event that a truncation kept.
/// </summary>
/// <param name="Clearing">The position of the marker of the stream's last clearing, or 0.</param>
/// <param name="First">The first event that stays, where the stream was truncated since; else unset.</param>
internal readonly record struct RemovedPart(long Clearing, EventAddress First)
{
    public bool IsTruncated => First.Position > 0;

    /// <summary>The position before which every event of the stream is removed.</summary>
    public long Before => Math.Max(Clearing, First.Position);
}

/// <summary>The clearings of streams, and where a stream was truncated since its last one.</summary>
internal sealed class RemovalStatements(SqliteSession session)
{
    private readonly Lazy<Statement> _last = session.PrepareLazily(
        "SELECT position, first FROM removals WHERE stream = ?1 ORDER BY position DESC LIMIT 2");

    private readonly Lazy<Statement> _clearings = session.PrepareLazily(
        "SELECT position FROM removals WHERE stream = ?1 AND first IS NULL ORDER BY position DESC LIMIT ?2");

    private readonly Lazy<Statement> _add =
        session.PrepareLazily("INSERT INTO removals (stream, position, first) VALUES (?1, ?2, ?3)");

    private readonly Lazy<Statement> _drop =
        session.PrepareLazily("DELETE FROM removals WHERE stream = ?1 AND position = ?2");

    private readonly Lazy<Statement> _truncations = session.PrepareLazily("SELECT truncations FROM store");

    private readonly Lazy<Statement> _countTruncation =
        session.PrepareLazily("UPDATE store SET truncations = truncations + 1");

    /// <summary>What of a stream is removed.</summary>
    public RemovedPart Of(long stream)
    {
        // A truncation is after the stream's last clearing, and there is one at most.
        var statement = _last.Value.Bind(1, stream);
        try
        {
            if (!statement.Step()) return default;
            if (statement.IsNull(1)) return new RemovedPart(statement.Int64(0), default);
            var first = new EventAddress(statement.Int64(1), statement.Int64(0));
            return new RemovedPart(statement.Step() ? statement.Int64(0) : 0, first);
        }
        finally
        {
            statement.Reset();
        }
    }

    /// <summary>The position of the stream's last clearing, or 0.</summary>
    public long LastClearing(long stream) => _clearings.Value.Bind(1, stream).Bind(2, 1).Scalar() ?? 0;

    /// <summary>The positions of the stream's last clearings, newest first.</summary>
    public List<long> Clearings(long stream, int limit)
    {
        var statement = _clearings.Value.Bind(1, stream).Bind(2, limit);
        var positions = new List<long>();
        try
        {
            while (statement.Step()) positions.Add(statement.Int64(0));
            return positions;
        }
        finally
        {
            statement.Reset();
        }
    }

    /// <summary>Adds a clearing. A truncation before it counts no more.</summary>
    public void AddClearing(long stream, long position)
    {
        DropTruncation(stream);
        _add.Value.Bind(1, stream).Bind(2, position).BindNull(3).Execute();
    }

    /// <summary>Sets the first event that stays; it replaces an earlier one.</summary>
    public void SetFirst(long stream, EventAddress first)
    {
        DropTruncation(stream);
        _add.Value.Bind(1, stream).Bind(2, first.Position).Bind(3, first.Version).Execute();
        _countTruncation.Value.Execute();
    }

    /// <summary>How often a stream was truncated in this file: the log does not record it.</summary>
    public long Truncations() => _truncations.Value.Scalar() ?? 0;

    private void DropTruncation(long stream)
    {
        if (Of(stream) is { IsTruncated: true } removed)
            _drop.Value.Bind(1, stream).Bind(2, removed.First.Position).Execute();
    }
}
