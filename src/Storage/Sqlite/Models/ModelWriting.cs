using System.Text;
using Microsoft.Data.Sqlite;

namespace Granary.Storage.Sqlite;

/// <summary>One commit of models, in an open transaction.</summary>
internal sealed class ModelWriting(SqliteConnection connection, SqliteTransaction transaction, ModelCommit commit)
{
    private int _changed;

    /// <summary>
    /// Changes rows, view and checkpoint; where the outcome is not that it landed now, nothing is to be kept.
    /// </summary>
    /// <returns>The outcome, and whether it landed now.</returns>
    public (ModelCommitOutcome Outcome, bool IsNew) Run()
    {
        if (commit.Advance is { } advance)
        {
            var there = ModelReading.FindCheckpoint(connection, advance.Move.Name, advance.Move.Partition);
            if (there?.CommitId == commit.Id) return (ModelCommitOutcome.Committed, false);
            if (!advance.Move.IsAllowedAt(there?.Position ?? GlobalPosition.Zero, there?.Epoch ?? 0))
                return (ModelCommitOutcome.Overtaken, false);
        }

        foreach (var of in commit.Writes.GroupBy(static one => (one.Table.Name, KindOf(one))))
        {
            if (Write(of.First().Table, of)) continue;

            // Of a commit that had landed not one row has its expected revision. Where some had, they are changed here
            // already, and would look as if it had.
            var landed = commit.Advance is null && _changed == 0 && commit.Writes.All(IsDone);
            return (landed ? ModelCommitOutcome.Committed : ModelCommitOutcome.RowsChanged, false);
        }

        if (commit.View is { } view) Show(view);
        if (commit.Advance is not null) Move(commit.Advance);
        return (ModelCommitOutcome.Committed, true);
    }

    private enum WriteKind
    {
        Insert,
        Update,
        Delete,
    }

    private static WriteKind KindOf(ModelWrite write) => write.Document is null ? WriteKind.Delete
        : write.ExpectedRevision == 0 ? WriteKind.Insert
        : WriteKind.Update;

    private bool Write(ModelTable table, IEnumerable<ModelWrite> writes)
    {
        using var command = Command("");
        var key = command.Parameters.Add("$key", SqliteType.Blob);
        var expected = command.Parameters.Add("$expected", SqliteType.Integer);
        var document = command.Parameters.Add("$document", SqliteType.Blob);
        var partition = command.Parameters.Add("$partition", SqliteType.Integer);
        var position = command.Parameters.Add("$position", SqliteType.Integer);
        command.Parameters.AddWithValue("$revision", commit.Id);
        var columns = table.Columns.Select((_, at) =>
        {
            var parameter = command.CreateParameter();
            parameter.ParameterName = $"$c{at}";
            return command.Parameters.Add(parameter);
        }).ToArray();

        foreach (var write in writes)
        {
            if (command.CommandText.Length == 0)
            {
                command.CommandText = KindOf(write) switch
                {
                    WriteKind.Insert => ModelSql.Insert(table),
                    WriteKind.Update => ModelSql.Update(table),
                    _ => ModelSql.Delete(table),
                };
                command.Prepare();
            }

            key.Value = Encoding.UTF8.GetBytes(write.Key);
            expected.Value = write.ExpectedRevision;
            document.Value = write.Document?.ToArray() ?? [];
            partition.Value = write.Position.Partition.Value;
            position.Value = write.Position.Position.Value;
            for (var at = 0; at < write.Values.Count; at++) columns[at].Value = ModelColumns.Write(write.Values[at]);
            if (command.ExecuteNonQuery() != 1) return false;
            _changed++;
        }

        return true;
    }

    // Whether an earlier call of the same commit has written it: its answer was lost.
    private bool IsDone(ModelWrite write)
    {
        var row = ModelReading.FindRow(connection, write.Table, write.Key);
        return write.Document is null ? row is null : row?.Revision == commit.Id;
    }

    private void Show(ModelView view)
    {
        ModelReading.ThrowIfOther(connection, view.Table);
        using var command = Command("SELECT count(*) FROM granary_tables WHERE name = $name");
        command.Parameters.AddWithValue("$name", view.Name);
        if (command.ExecuteScalar() is not 0L) throw ModelFaults.NameOfTable(view.Name);
        command.Parameters.Clear();
        command.CommandText = $"DROP VIEW IF EXISTS \"{view.Name}\"; "
            + $"CREATE VIEW \"{view.Name}\" AS SELECT * FROM \"{view.Table.Name}\"";
        command.ExecuteNonQuery();
    }

    private void Move(ModelAdvance advance)
    {
        using var command = Command(
            "INSERT INTO granary_checkpoints (name, partition, position, epoch, store_id, event_id, commit_id) "
            + "VALUES ($name, $partition, $position, $epoch, $store, $event, $commit) ON CONFLICT (name, partition) "
            + "DO UPDATE SET position = excluded.position, epoch = excluded.epoch, store_id = excluded.store_id, "
            + "event_id = excluded.event_id, commit_id = excluded.commit_id");
        command.Parameters.AddWithValue("$name", advance.Move.Name);
        command.Parameters.AddWithValue("$partition", advance.Move.Partition.Value);
        command.Parameters.AddWithValue("$position", advance.Move.To.Value);
        command.Parameters.AddWithValue("$epoch", advance.Move.Epoch);
        command.Parameters.AddWithValue("$store", advance.StoreId.ToString("D"));
        command.Parameters.AddWithValue("$event", advance.EventId.ToString("D"));
        command.Parameters.AddWithValue("$commit", commit.Id);
        command.ExecuteNonQuery();
    }

    private SqliteCommand Command(string sql)
    {
        var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = sql;
        return command;
    }
}
