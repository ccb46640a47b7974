using Granary.Storage.Postgres;
using Granary.Tests;

namespace Granary.Benchmarks;

/// <summary>The layout that is shipped, used by the store itself.</summary>
/// <param name="data">The events.</param>
/// <param name="tableEvents">How many positions each table of the log has; null for one table of all.</param>
internal sealed class ShippedLayout(LayoutData data, long? tableEvents) : Layout(data)
{
    private static readonly LogPartition Only = new(0);

    private PostgresEventStore? _store;

    public override string Name => tableEvents is null ? "shipped" : "shipped, log partitioned by range";

    private PostgresEventStore Store => _store ?? throw new InvalidOperationException("The layout was not filled.");

    // What the index has to be flushed yet belongs to the appends.
    public override async Task SettleAsync()
    {
        await Store.DisposeAsync();
        await OpenAsync();
    }

    public override async Task<long> ReadStreamAsync(int at)
    {
        var count = 0L;
        await foreach (var _ in Store.ReadStreamAsync(Data.NameOfLong(at), default, CancellationToken.None)) count++;
        return count;
    }

    public override async Task<long> ReadLogAsync(long events)
    {
        var (count, after) = (0L, LogPosition.StartOf(Only));
        while (count < events)
        {
            var page = await Store.ReadLogAsync(after, LogFilter.All, PageEvents, CancellationToken.None);
            if (page.Events.Count == 0) break;
            count += page.Events.Count;
            after = after with { Position = page.Through };
        }

        return count;
    }

    public override async ValueTask DisposeAsync()
    {
        if (_store is not null) await _store.DisposeAsync();
        await base.DisposeAsync();
    }

    protected override async Task StartAsync()
    {
        await OpenAsync();
        if (tableEvents is { } each)
        {
            await Store.DisposeAsync();
            await PartitionAsync(each);
            await OpenAsync();
        }

        for (var at = 0; at < Data.Streams; at += AppendsPerCommit)
        {
            var some = Enumerable.Range(at, Math.Min(AppendsPerCommit, Data.Streams - at));
            await CommitAsync(some.Select(static stream => new OneAppend(stream, 0, 0)));
        }

        for (var version = 0; version < Data.LongEach; version++)
        {
            await CommitAsync(Enumerable.Range(0, LayoutData.LongStreams).Select(at =>
                new OneAppend(Data.Streams + at, version, Data.PositionOfLong(at, version))));
        }

        // The rest of the log is written without the store, which is opened again when that is done.
        await Store.DisposeAsync();
    }

    protected override Task FillAsync(string select) => Server.RunAsync($"""
        INSERT INTO {Schema.Name}.log (partition, position, stream, version, prev, recorded, id, type, payload)
        SELECT 0, k.position, k.stream, k.version, k.prev, now(), gen_random_uuid(), k.type, k.payload
        FROM ({select}) k
        """);

    protected override async Task CompleteAsync(int rounds)
    {
        var (last, before) = ((long)rounds * Data.RoundEvents, (rounds - 1L) * Data.RoundEvents);
        await Server.RunAsync($"""
            UPDATE {Schema.Name}.heads h SET version = l.version, position = l.position
            FROM (SELECT e.stream, max(e.version) AS version, max(e.position) AS position FROM {Schema.Name}.log e
              WHERE e.position > {before} GROUP BY e.stream) l
            WHERE h.stream = l.stream;
            INSERT INTO {Schema.Name}.marks (stream, version, position)
            SELECT l.stream, l.version, l.position FROM {Schema.Name}.log l
            WHERE l.version % 64 = 1 AND l.position > {Data.RoundEvents} ORDER BY l.stream, l.version;
            UPDATE {Schema.Name}.indexed SET position = {last};
            """);
        await Server.RunAsync($"VACUUM ANALYZE {Schema.Name}.heads");
        await Server.RunAsync($"VACUUM ANALYZE {Schema.Name}.marks");
        await OpenAsync();
        var head = await Store.ReadHeadAsync(Data.NameOfLong(0), CancellationToken.None);
        if (head.Version.Value != (long)rounds * Data.LongEach)
            throw new InvalidDataException($"The first long stream is at {head.Version} after {rounds} rounds.");
    }

    protected override Func<Task> Prepare(OneAppend[] appends)
    {
        var batch = Batch(appends);
        return () => Filling.CommitAsync(Store, batch);
    }

    private static AppendBatch Batch(OneAppend[] appends) => new(
        Only, Filling.Now,
        Array.ConvertAll(appends, static one =>
            Filling.Append(LayoutData.NameOf(one.Stream), one.Version, 1, one.Position)));

    private Task CommitAsync(IEnumerable<OneAppend> appends) => Filling.CommitAsync(Store, Batch([.. appends]));

    // The table that the store has made is empty. The view for people goes with it.
    private Task PartitionAsync(long each)
    {
        var tables = (int)(2 * Data.Events / each) + 1;
        var log = $"{Schema.Name}.log";
        return Server.RunAsync(string.Join('\n',
        [
            $"ALTER TABLE {log} RENAME TO replaced;",
            $"CREATE TABLE {log} (LIKE {Schema.Name}.replaced) PARTITION BY RANGE (position);",
            $"ALTER TABLE {log} ADD PRIMARY KEY (partition, position);",
            $"DROP TABLE {Schema.Name}.replaced CASCADE;",
            .. Enumerable.Range(0, tables).Select(at =>
                $"CREATE TABLE {log}_{at} PARTITION OF {log} FOR VALUES FROM ({at * each}) TO ({(at + 1) * each});"),
        ]));
    }

    private async Task OpenAsync()
    {
        _store = new PostgresEventStore(new PostgresStoreOptions
        {
            ConnectionString = PostgresServer.ConnectionString, Schema = Schema.Name, PartitionCount = 1,
        });
        await _store.InitializeAsync(CancellationToken.None);
    }
}
