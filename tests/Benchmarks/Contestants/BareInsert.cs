using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Granary.Benchmarks;

/// <summary>
/// The bare insert into the log's table. Its columns are those of src/Storage/Sqlite/Sql/partition.sql; where these
/// change, this file changes with them.
/// </summary>
internal sealed class BareInsert : IDisposable
{
    public const string Table = "log_0";

    private const int Streams = 1_000;
    private const string Sql =
        $"INSERT INTO {Table} "
        + "(position, stream, version, prev, type, timestamp, id, append_id, checksum, metadata, payload) "
        + "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

    private static readonly byte[] Metadata = "{}"u8.ToArray();

    private readonly SqliteConnection _connection;
    private readonly sqlite3_stmt _begin;
    private readonly sqlite3_stmt _insert;
    private readonly sqlite3_stmt _commit;
    private readonly byte[] _id = Guid.CreateVersion7(TimeProvider.System.GetUtcNow()).ToByteArray(bigEndian: true);
    private long _position;

    public BareInsert(string path)
    {
        _connection = SqliteFile.Open(path);
        _begin = Prepare("BEGIN IMMEDIATE");
        _insert = Prepare(Sql);
        _commit = Prepare("COMMIT");
    }

    /// <summary>Commits so many events, synced.</summary>
    public void Commit(int events)
    {
        Step(_begin);
        for (var at = 0; at < events; at++) Insert();
        Step(_commit);
    }

    public void Dispose()
    {
        _begin.Dispose();
        _insert.Dispose();
        _commit.Dispose();
        _connection.Dispose();
    }

    private void Insert()
    {
        var position = ++_position;
        raw.sqlite3_bind_int64(_insert, 1, position);
        raw.sqlite3_bind_int64(_insert, 2, 1 + position % Streams);
        raw.sqlite3_bind_int64(_insert, 3, 1 + position / Streams);
        raw.sqlite3_bind_int64(_insert, 4, Math.Max(0, position - Streams));
        raw.sqlite3_bind_int64(_insert, 5, 1);
        raw.sqlite3_bind_int64(_insert, 6, 1_700_000_000_000_000 + position);
        raw.sqlite3_bind_blob(_insert, 7, _id);
        raw.sqlite3_bind_blob(_insert, 8, _id);
        raw.sqlite3_bind_int64(_insert, 9, long.MaxValue - position);
        raw.sqlite3_bind_blob(_insert, 10, Metadata);
        raw.sqlite3_bind_blob(_insert, 11, Noted.Json);
        Step(_insert);
    }

    private sqlite3_stmt Prepare(string sql)
    {
        var code = raw.sqlite3_prepare_v3(_connection.Handle!, sql, raw.SQLITE_PREPARE_PERSISTENT, out var statement);
        return code == raw.SQLITE_OK ? statement : throw Failed(code);
    }

    private void Step(sqlite3_stmt statement)
    {
        var code = raw.sqlite3_step(statement);
        if (code != raw.SQLITE_DONE) throw Failed(code);
        raw.sqlite3_reset(statement);
    }

    private SqliteException Failed(int code) =>
        new(raw.sqlite3_errmsg(_connection.Handle!).utf8_to_string(), code);
}
