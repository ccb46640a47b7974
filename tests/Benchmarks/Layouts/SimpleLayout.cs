using Granary.Tests;
using Npgsql;
using NpgsqlTypes;

namespace Granary.Benchmarks;

/// <summary>
/// The simplest layout that keeps the guarantees: one table for the log, and a unique index of streams and versions,
/// which checks an append's version and finds a stream's events. Nothing else has to be written.
/// </summary>
internal sealed class SimpleLayout(LayoutData data) : Layout(data)
{
    private const string Columns = "position, version, stream, type, recorded, id, append_id, metadata, payload";

    private readonly NpgsqlDataSource _source = NpgsqlDataSource.Create(
        new NpgsqlConnectionStringBuilder(PostgresServer.ConnectionString)
        {
            MaxAutoPrepare = 20, AutoPrepareMinUsages = 2,
        }.ConnectionString);

    public override string Name => "simple";

    public override Task<long> ReadStreamAsync(int at) => ReadAsync(
        $"SELECT {Columns} FROM {Schema.Name}.log WHERE stream = $1 ORDER BY version", Data.NumberOfLong(at));

    public override async Task<long> ReadLogAsync(long events)
    {
        var count = 0L;
        while (count < events)
        {
            var some = await ReadAsync(
                $"SELECT {Columns} FROM {Schema.Name}.log WHERE partition = 0 AND position > $1 "
                + $"AND position <= $1 + {PageEvents} ORDER BY position",
                count);
            if (some == 0) break;
            count += some;
        }

        return count;
    }

    public override async ValueTask DisposeAsync()
    {
        await _source.DisposeAsync();
        await base.DisposeAsync();
    }

    protected override async Task StartAsync()
    {
        await Schema.CreateAsync();
        await Server.RunAsync(Tables.Replace("{schema}", Schema.Name, StringComparison.Ordinal));
        await FillAsync(Data.Select(0, 1));
        await Server.RunAsync($"""
            INSERT INTO {Schema.Name}.streams (stream, hash, category, key)
            SELECT e.stream, sha256(convert_to('bench/' || e.stream / 64 - 1, 'UTF8')), 'bench',
              convert_to((e.stream / 64 - 1)::text, 'UTF8')
            FROM {Schema.Name}.log e WHERE e.version = 1
            """);
    }

    protected override Task FillAsync(string select) => Server.RunAsync($"""
        INSERT INTO {Schema.Name}.log (partition, position, stream, version, recorded, id, type, payload)
        SELECT 0, k.position, k.stream, k.version, now(), gen_random_uuid(), k.type, k.payload FROM ({select}) k
        """);

    protected override Func<Task> Prepare(OneAppend[] appends)
    {
        var streams = Array.ConvertAll(appends, one => Data.NumberOf(one.Stream));
        var versions = Array.ConvertAll(appends, static one => one.Version + 1);
        var types = Array.ConvertAll(appends, static _ => 1);
        var ids = Array.ConvertAll(appends, static _ => Uuid7.New(TimeProvider.System));
        var appendIds = Array.ConvertAll(appends, static _ => (Guid?)Uuid7.New(TimeProvider.System));
        var metadata = new byte[]?[appends.Length];
        var payloads = Array.ConvertAll(appends, static _ => Noted.Json);
        return async () =>
        {
            await using var connection = await _source.OpenConnectionAsync();
            await using var command = new NpgsqlCommand(
                $"SELECT {Schema.Name}.append(0, now(), $1, $2, $3, $4, $5, $6, $7)", connection);
            Add(command, streams, NpgsqlDbType.Bigint);
            Add(command, versions, NpgsqlDbType.Bigint);
            Add(command, types, NpgsqlDbType.Integer);
            Add(command, ids, NpgsqlDbType.Uuid);
            Add(command, appendIds, NpgsqlDbType.Uuid);
            Add(command, metadata, NpgsqlDbType.Bytea);
            Add(command, payloads, NpgsqlDbType.Bytea);
            await command.ExecuteNonQueryAsync();
        };
    }

    private static void Add(NpgsqlCommand command, object values, NpgsqlDbType type) =>
        command.Parameters.Add(new NpgsqlParameter { Value = values, NpgsqlDbType = NpgsqlDbType.Array | type });

    private async Task<long> ReadAsync(string sql, long argument)
    {
        await using var connection = await _source.OpenConnectionAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = argument });
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<Row>();
        while (await reader.ReadAsync())
        {
            rows.Add(new Row(
                reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2), reader.GetInt32(3),
                reader.GetFieldValue<DateTimeOffset>(4), reader.GetGuid(5),
                reader.IsDBNull(6) ? null : reader.GetGuid(6),
                reader.IsDBNull(7) ? null : reader.GetFieldValue<byte[]>(7), reader.GetFieldValue<byte[]>(8)));
        }

        return rows.Count;
    }

    private sealed record Row(
        long Position, long Version, long Stream, int Type, DateTimeOffset Recorded, Guid Id, Guid? AppendId,
        byte[]? Metadata, byte[] Payload);

    // A unique index refuses a version that is there; that none is skipped has to be looked up.
    private const string Tables = """
        CREATE TABLE {schema}.log (
          position bigint NOT NULL,
          stream bigint NOT NULL,
          version bigint NOT NULL,
          recorded timestamptz NOT NULL,
          id uuid NOT NULL,
          partition integer NOT NULL,
          type integer NOT NULL,
          append_id uuid,
          metadata bytea,
          payload bytea NOT NULL,
          PRIMARY KEY (partition, position)
        );
        CREATE UNIQUE INDEX ON {schema}.log (stream, version);
        CREATE TABLE {schema}.streams (
          stream bigint PRIMARY KEY, hash bytea NOT NULL UNIQUE, category bytea NOT NULL, key bytea NOT NULL);

        CREATE FUNCTION {schema}.append(
          p_partition integer, p_at timestamptz, p_streams bigint[], p_versions bigint[], p_types integer[],
          p_ids uuid[], p_append_ids uuid[], p_metadata bytea[], p_payloads bytea[]) RETURNS bigint
        LANGUAGE plpgsql AS $$
        DECLARE
          v_last bigint;
          v_recorded timestamptz;
        BEGIN
          PERFORM pg_advisory_xact_lock('{schema}.log'::regclass::oid::integer, p_partition);
          SELECT l.position, l.recorded INTO v_last, v_recorded
          FROM {schema}.log l WHERE l.partition = p_partition ORDER BY l.position DESC LIMIT 1;
          INSERT INTO {schema}.log
            (partition, position, stream, version, type, recorded, id, append_id, metadata, payload)
          SELECT p_partition, coalesce(v_last, 0) + e.at, e.stream, e.version, e.type, greatest(p_at, v_recorded),
            e.id, e.append_id, e.metadata, e.payload
          FROM unnest(p_streams, p_versions, p_types, p_ids, p_append_ids, p_metadata, p_payloads)
            WITH ORDINALITY AS e(stream, version, type, id, append_id, metadata, payload, at);
          IF EXISTS (
            SELECT FROM unnest(p_streams, p_versions) AS e(stream, version) WHERE e.version > 1 AND
              (SELECT l.version FROM {schema}.log l WHERE l.stream = e.stream AND l.version = e.version - 1) IS NULL)
          THEN
            RAISE 'A version was skipped.';
          END IF;
          RETURN v_last;
        END
        $$;
        """;
}
