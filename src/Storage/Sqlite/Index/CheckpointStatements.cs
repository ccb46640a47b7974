using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text;

namespace Granary.Storage.Sqlite;

/// <summary>The table of the checkpoints.</summary>
internal sealed class CheckpointStatements(SqliteSession session)
{
    private readonly SqliteSession _session = session;

    private readonly Lazy<Statement> _read =
        session.PrepareLazily("SELECT position, epoch, checksum FROM checkpoints WHERE name = ?1 AND partition = ?2");

    private readonly Lazy<Statement> _readAll =
        session.PrepareLazily("SELECT name, partition, position, epoch, checksum FROM checkpoints");

    private readonly Lazy<Statement> _isThere =
        session.PrepareLazily("SELECT partition FROM checkpoints WHERE name = ?1 LIMIT 1");

    private readonly Lazy<Statement> _delete =
        session.PrepareLazily("DELETE FROM checkpoints WHERE name = ?1");

    private readonly Lazy<Statement> _write = session.PrepareLazily(
        "INSERT OR REPLACE INTO checkpoints (name, partition, position, epoch, checksum) VALUES (?1, ?2, ?3, ?4, ?5)");

    /// <summary>Where a checkpoint stands, and in which epoch; null where it was never moved.</summary>
    public Checkpoint? Read(string name, LogPartition partition)
    {
        var statement = _read.Value.BindText(1, name).Bind(2, partition.Value);
        try
        {
            return statement.Step() ? Checked(name, partition, statement, at: 0) : null;
        }
        finally
        {
            statement.Reset();
        }
    }

    /// <summary>All checkpoints.</summary>
    public List<Checkpoint> ReadAll()
    {
        var statement = _readAll.Value;
        var found = new List<Checkpoint>();
        try
        {
            while (statement.Step())
                found.Add(Checked(statement.Text(0), new((int)statement.Int64(1)), statement, at: 2));
            return found;
        }
        finally
        {
            statement.Reset();
        }
    }

    /// <summary>Deletes the checkpoints of a name; false where there is none.</summary>
    public bool Delete(string name)
    {
        if (_isThere.Value.BindText(1, name).Scalar() is null) return false;
        _delete.Value.BindText(1, name).Execute();
        return true;
    }

    public void Write(CheckpointAdvance advance) => _write.Value
        .BindText(1, advance.Name).Bind(2, advance.Partition.Value).Bind(3, advance.To.Value).Bind(4, advance.Epoch)
        .Bind(5, ChecksumOf(advance.Name, advance.Partition, advance.To.Value, advance.Epoch)).Execute();

    // From a column on: the position, the epoch, the checksum.
    private Checkpoint Checked(string name, LogPartition partition, Statement statement, int at)
    {
        var (position, epoch) = (statement.Int64(at), statement.Int64(at + 1));
        return position >= 0 && statement.Int64(at + 2) == ChecksumOf(name, partition, position, epoch)
            ? new Checkpoint(name, partition, new(position), epoch)
            : throw _session.Corrupt($"the checkpoint {name} of partition {partition} does not match its checksum");
    }

    private static long ChecksumOf(string name, LogPartition partition, long position, long epoch)
    {
        var seed = unchecked((long)XxHash3.HashToUInt64(Encoding.UTF8.GetBytes(name)));
        ReadOnlySpan<long> values = [partition.Value, position, epoch];
        return unchecked((long)XxHash3.HashToUInt64(MemoryMarshal.AsBytes(values), seed));
    }
}
