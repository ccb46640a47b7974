using System.Text.Json;
using Granary.Runtime;
using Granary.Testing;
using Granary.Tests.Unit.Retention;

namespace Granary.Tests.Unit.Projections;

/// <summary>Projections in silos: their models follow the log, and are built anew beside the old ones.</summary>
public sealed class BuildsInClusterTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Models_follow_what_grains_confirm()
    {
        await using var cluster = await StartAsync<Tallies>();
        await cluster.Grains.GetGrain<ITallyGrain>("a").Add(1, 2);
        await cluster.Grains.GetGrain<ITallyGrain>("b").Add(5);
        await FollowedAsync(cluster, "tallies_v1");

        Assert.Equal(new TallyModel { Total = 3, Count = 2 }, await ReadAsync(cluster, "tallies_v1", "a"));
        await cluster.Grains.GetGrain<ITallyGrain>("a").Clear();
        await FollowedAsync(cluster, "tallies_v1");
        Assert.Null(await ReadAsync(cluster, "tallies_v1", "a"));
        Assert.NotNull(await ReadAsync(cluster, "tallies_v1", "b"));
    }

    [Fact]
    public async Task A_rebuild_is_compared_and_published_when_asked_for_and_the_old_build_returns_and_is_dropped()
    {
        await using var cluster = await StartAsync<Tallies>();
        for (var i = 0; i < 20; i++) await cluster.Grains.GetGrain<ITallyGrain>($"t{i}").Add(i);
        await FollowedAsync(cluster, "tallies_v1");
        await ChangeRowAsync(cluster, "tallies_v1", "t7", """{"total":1000,"count":1}""");

        var projections = cluster.Grains.GetGrain<IProjectionsGrain>(0);
        var build = await projections.Rebuild("tallies", publish: false, Token);
        Assert.Equal("tallies_v1_2", build.Name);
        var ready = await UntilAsync(cluster, "tallies_v1_2", BuildState.Ready);
        Assert.Equal(1, ready.Differences);
        Assert.Equal([new BuildDifference("t7", DifferenceKind.Changed)], ready.FirstDifferences);
        Assert.Equal(1000, (await ReadPublishedAsync(cluster, "t7"))!.Total);

        Assert.True(await projections.Switch("tallies", "tallies_v1_2", Token));
        Assert.Equal(7, (await ReadPublishedAsync(cluster, "t7"))!.Total);
        Assert.False(await projections.Drop("tallies", "tallies_v1_2", Token));
        Assert.True(await projections.Switch("tallies", "tallies_v1", Token));
        Assert.Equal(1000, (await ReadPublishedAsync(cluster, "t7"))!.Total);

        await cluster.Grains.GetGrain<ITallyGrain>("t7").Add(1);
        await FollowedAsync(cluster, "tallies_v1_2");
        Assert.Equal(8, (await ReadAsync(cluster, "tallies_v1_2", "t7"))!.Total);
        Assert.True(await projections.Drop("tallies", "tallies_v1_2", Token));
        Assert.False(await projections.Switch("tallies", "tallies_v1_2", Token));
        Assert.DoesNotContain(
            await cluster.Models.ReadCheckpointsAsync(Token), static one => one.Name == "tallies_v1_2");
        await cluster.Grains.GetGrain<ITallyGrain>("t7").Add(1);
        await FollowedAsync(cluster, "tallies_v1");
    }

    [Fact]
    public async Task A_dropped_build_leaves_nothing_and_no_later_one_is_called_the_same()
    {
        await using var cluster = await StartAsync<Tallies>();
        var projections = cluster.Grains.GetGrain<IProjectionsGrain>(0);
        Assert.Equal("tallies_v1_2", (await projections.Rebuild("tallies", publish: false, Token)).Name);
        await UntilAsync(cluster, "tallies_v1_2", BuildState.Ready);
        await ParkAsync(cluster, "tallies_v1", "a");
        await ParkAsync(cluster, "tallies_v1_2", "a");
        await ParkAsync(cluster, "tallies_v1_2", "b");
        await new ReaderSettings(cluster.Models).ChangeAsync(
            "tallies_v1_2", static setting => setting with { Paused = true }, Token);

        Assert.True(await projections.Drop("tallies", "tallies_v1_2", Token));
        var parked = await cluster.Models.QueryAsync(new ModelQuery(ReaderTables.Parked), Token);
        Assert.Equal("tallies_v1", ParkedRow.Of(Assert.Single(parked.Rows)).Document.Reader);
        Assert.Empty(await cluster.Models.ReadAsync(ReaderTables.Readers, ["tallies_v1_2"], Token));
        Assert.Equal("tallies_v1_3", (await projections.Rebuild("tallies", publish: false, Token)).Name);
        await UntilAsync(cluster, "tallies_v1_3", BuildState.Ready);
    }

    [Fact]
    public async Task Changed_code_builds_itself_while_the_old_models_serve_and_is_compared_where_these_have_stopped()
    {
        var snapshots = new MemorySnapshotStore();
        var store = new MemoryEventStore(2, snapshots);
        var models = new MemoryModelStore();
        await using (var old = await StartAsync<Tallies>(store, models, snapshots))
        {
            for (var i = 0; i < 10; i++) await old.Grains.GetGrain<ITallyGrain>($"t{i}").Add(1);
            await FollowedAsync(old, "tallies_v1");
        }

        await using var cluster = await StartAsync<DoubledTallies>(store, models, snapshots);
        await cluster.Grains.GetGrain<ITallyGrain>("t0").Add(1);
        var published = await UntilAsync(cluster, "tallies_v2", BuildState.Published);

        Assert.Equal(10, published.Differences);
        Assert.Equal(BuildState.Old, (await FindAsync(cluster, "tallies_v1")).State);
        await FollowedAsync(cluster, "tallies_v2");
        Assert.Equal(new TallyModel { Total = 4, Count = 2 }, await ReadPublishedAsync(cluster, "t0"));
        Assert.Equal(new TallyModel { Total = 1, Count = 1 }, await ReadAsync(cluster, "tallies_v1", "t0"));
    }

    [Fact]
    public async Task Readers_show_where_they_are_and_are_paused_and_resumed_by_the_projections_name()
    {
        await using var cluster = await StartAsync<Tallies>();
        await cluster.Grains.GetGrain<ITallyGrain>("a").Add(1);
        await FollowedAsync(cluster, "tallies_v1");
        var readers = cluster.Grains.GetGrain<IReadersGrain>(0);
        var status = Assert.Single(await readers.GetStatus("tallies", Token));
        Assert.Equal(("tallies_v1", 0, ReaderKind.Projection), (status.Name, status.Lag, status.Kind));

        await readers.Pause("tallies", Token);
        await UntilAsync(async () => (await readers.GetStatus("tallies", Token))[0].State == ReaderState.Paused);
        await cluster.Grains.GetGrain<ITallyGrain>("a").Add(1);
        Assert.Equal(1, (await readers.GetStatus("tallies", Token))[0].Lag);
        await readers.Resume("tallies", Token);
        await FollowedAsync(cluster, "tallies_v1");
        Assert.Equal(2, (await ReadAsync(cluster, "tallies_v1", "a"))!.Total);
        await Assert.ThrowsAsync<ReaderUnknownException>(() => readers.Pause("nothing", Token));
    }

    private static Task<GranaryTestCluster> StartAsync<TProjection>(
        MemoryEventStore? store = null, IModelStore? models = null, ISnapshotStore? snapshots = null)
        where TProjection : class => GranaryTestCluster.StartAsync(new GranaryTestClusterOptions
        {
            SiloCount = 2,
            Store = store,
            Models = models,
            Snapshots = snapshots,
            Configure = static (_, granary) => granary.AddProjection<TProjection>(),
        });

    private static async Task FollowedAsync(GranaryTestCluster cluster, string reader)
    {
        for (var at = 0; at < cluster.Store.PartitionCount; at++)
        {
            var partition = new LogPartition(at);
            var end = (await cluster.Store.ReadLogAsync(LogPosition.StartOf(partition), LogFilter.All, 1, Token)).End;
            await UntilAsync(async () =>
                (await cluster.Models.ReadCheckpointAsync(reader, partition, Token))?.Position >= end);
        }
    }

    private static async Task<TallyModel?> ReadAsync(GranaryTestCluster cluster, string table, string key)
    {
        var columns = table.StartsWith("tallies_v2", StringComparison.Ordinal)
            ? new DoubledTallies().Declaration.Columns
            : new Tallies().Declaration.Columns;
        var described = new ModelTable(table, [.. columns.Select(static one => one.Column)]);
        var row = (await cluster.Models.ReadAsync(described, [key], Token)).SingleOrDefault();
        return row is null
            ? null
            : JsonSerializer.Deserialize<TallyModel>(row.Document.Span, JsonSerializerOptions.Web);
    }

    private static async Task<TallyModel?> ReadPublishedAsync(GranaryTestCluster cluster, string key)
    {
        var builds = await new BuildsTable(cluster.Models).ReadAsync("tallies", Token);
        return await ReadAsync(cluster, builds!.Published.Table, key);
    }

    private static async Task ChangeRowAsync(GranaryTestCluster cluster, string table, string key, string document)
    {
        var builds = await new BuildsTable(cluster.Models).ReadAsync("tallies", Token);
        var described = builds!.Find(table)!.ToTable();
        var row = (await cluster.Models.ReadAsync(described, [key], Token)).Single();
        var write = ModelWrite.Put(
            described, key, row, System.Text.Encoding.UTF8.GetBytes(document), [1000L], row.Position);
        Assert.Equal(
            ModelCommitOutcome.Committed, await cluster.Models.CommitAsync(new ModelCommit(write), Token));
    }

    private static async Task ParkAsync(GranaryTestCluster cluster, string reader, string key)
    {
        var parked = new ParkedDocument(
            reader, "tally", key, 0, 1, 1, "added", "It fails.", DateTimeOffset.UnixEpoch, 5);
        Assert.Equal(
            ModelCommitOutcome.Committed,
            await cluster.Models.CommitAsync(new ModelCommit(ParkedRow.Put(parked, null)), Token));
    }

    private static async Task<BuildView> FindAsync(GranaryTestCluster cluster, string build) =>
        (await cluster.Grains.GetGrain<IProjectionsGrain>(0).Read("tallies", Token))
            .Builds.Single(one => one.Name == build);

    // The supervisor looks every few seconds; here it is asked all the time.
    private static async Task<BuildView> UntilAsync(GranaryTestCluster cluster, string build, BuildState state)
    {
        var found = default(BuildView);
        await UntilAsync(async () =>
        {
            await cluster.Grains.GetGrain<IProjectionBuildGrain>("tallies").Advance();
            found = (await cluster.Grains.GetGrain<IProjectionsGrain>(0).Read("tallies", Token))
                .Builds.SingleOrDefault(one => one.Name == build);
            return found?.State == state;
        });
        return found!;
    }

    private static async Task UntilAsync(Func<Task<bool>> isSo)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Token);
        patience.CancelAfter(Patience);
        while (!await isSo())
        {
            patience.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}
