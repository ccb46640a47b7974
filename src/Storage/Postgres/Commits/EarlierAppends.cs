using Npgsql;

namespace Granary.Storage.Postgres;

/// <summary>Finds what an append that is sent again has written before, among what is stored.</summary>
internal sealed class EarlierAppends(PartitionIndex index, PostgresDatabase database)
{
    /// <summary>Among the stream's last events.</summary>
    public ValueTask<PlannedAnswer?> FindAmongLastAsync(
        PlannedStream stream, Append append, CancellationToken cancellationToken)
    {
        var window = GranaryLimits.AppendIdWindow - (stream.Version - stream.Stored.Version);
        return stream.Stored.Version == 0 || window <= 0
            ? default
            : WalkAsync(stream, append, stream.Stored.Position, window, cancellationToken);
    }

    /// <summary>Right after the version that it expects: another event there means that it has not landed.</summary>
    public async ValueTask<PlannedAnswer?> FindAfterExpectedAsync(
        PlannedStream stream, Append append, CancellationToken cancellationToken)
    {
        var first = append.Expected.Version.Value + 1;
        if (stream.Stored.Version < first) return null;
        var end = EventMarks.AtLeast(Math.Min(stream.Stored.Version, first + append.Events.Count - 1));
        var rows = await database.Call("find_append_at").With(index.Partition.Value).With(stream.Number).With(first)
            .With(append.Id.Value).With(end).With(stream.Stored.Version).With(stream.Stored.Position)
            .With(index.Unflushed.Mark(stream.Number, end))
            .ReadAsync(Already, cancellationToken).ConfigureAwait(false);
        return rows.Count == 0 ? null : rows[0];
    }

    /// <summary>Among the last events that clearings made tombstones of.</summary>
    public async ValueTask<PlannedAnswer?> FindAmongClearedAsync(
        PlannedStream stream, Append append, CancellationToken cancellationToken)
    {
        var remaining = GranaryLimits.AppendIdWindow - stream.Version;
        if (remaining <= 0) return null;
        foreach (var clearing in await ReadClearingsAsync(stream, remaining, cancellationToken).ConfigureAwait(false))
        {
            var found = await WalkAsync(stream, append, clearing.Last.Position, remaining, cancellationToken)
                .ConfigureAwait(false);
            if (found is not null) return found;
            remaining -= clearing.Last.Version;
            if (remaining <= 0) return null;
        }

        return null;
    }

    /// <summary>Among the stream's last clearings.</summary>
    public async ValueTask<PlannedAnswer?> FindClearingAsync(
        PlannedStream stream, Append append, CancellationToken cancellationToken)
    {
        if (stream.Number < 0) return null;
        var clearings = await ReadClearingsAsync(stream, GranaryLimits.AppendIdWindow, cancellationToken)
            .ConfigureAwait(false);
        foreach (var clearing in clearings)
        {
            if (clearing.AppendId != append.Id.Value) continue;
            return new PlannedAnswer(
                AppendOutcome.AlreadyAppended, new(0, clearing.Position), IsPlanned: false, clearing.Recorded);
        }

        return null;
    }

    private async ValueTask<PlannedAnswer?> WalkAsync(
        PlannedStream stream, Append append, long from, long count, CancellationToken cancellationToken)
    {
        var rows = await database.Call("find_append").With(index.Partition.Value).With(stream.Number).With(from)
            .With(append.Id.Value).With(count)
            .ReadAsync(Already, cancellationToken).ConfigureAwait(false);
        return rows.Count == 0 ? null : rows[0];
    }

    private async Task<List<Clearing>> ReadClearingsAsync(
        PlannedStream stream, long count, CancellationToken cancellationToken)
    {
        var rows = await database.Call("read_clearings").With(index.Partition.Value).With(stream.Number).With(count)
            .ReadAsync(
                static row => row.IsDBNull(1) || row.IsDBNull(4) ? null : new Clearing(
                    row.GetInt64(0), row.GetGuid(1), row.GetFieldValue<DateTimeOffset>(2),
                    new EventAddress(row.GetInt64(3), row.GetInt64(4))),
                cancellationToken)
            .ConfigureAwait(false);
        return rows.ConvertAll(one => one ?? throw new StoreCorruptException(
            $"{database.Name}: a clearing of stream {stream.Name} is not where its events lead to. Restore the "
            + "database from a backup."));
    }

    private static PlannedAnswer? Already(NpgsqlDataReader row) => new PlannedAnswer(
        AppendOutcome.AlreadyAppended, new(row.GetInt64(0), row.GetInt64(1)), IsPlanned: false,
        row.GetFieldValue<DateTimeOffset>(2));

    private sealed record Clearing(long Position, Guid AppendId, DateTimeOffset Recorded, EventAddress Last);
}
