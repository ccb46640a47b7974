using System.Data.Common;
using Granary.Testing;
using Granary.Tests.Unit.Retention;
using Granary.Tests.Unit.Sqlite.Models;

namespace Granary.Tests.Unit.Projections.Sql;

/// <summary>SQL projections in silos: registered, refused, listed, paused and built anew.</summary>
public sealed class SqlProjectionsInClusterTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Tables_follow_what_grains_confirm_and_are_listed_paused_resumed_and_built_anew()
    {
        await using var folder = new ModelFolder();
        await using var cluster = await StartAsync<TallyTable>(await folder.OpenAsync(), silos: 2);
        await cluster.Grains.GetGrain<ITallyGrain>("a").Add(1, 2);
        await FollowedAsync(cluster, "tally_table_s1");
        Assert.Equal([3L], folder.Sql("SELECT sum(amount) FROM tally_table"));

        var projections = cluster.Grains.GetGrain<IProjectionsGrain>(0);
        var view = Assert.Single(await projections.ReadAll(Token));
        Assert.Equal("tally_table", view.Name);
        var build = Assert.Single(view.Builds);
        Assert.Equal(
            ("tally_table_s1", BuildState.Published, build.EventsTotal), (build.Name, build.State, build.EventsPassed));

        var readers = cluster.Grains.GetGrain<IReadersGrain>(0);
        await readers.Pause("tally_table", Token);
        await UntilAsync(async () => (await readers.GetStatus("tally_table", Token))[0].State == ReaderState.Paused);
        await cluster.Grains.GetGrain<ITallyGrain>("a").Add(4);
        Assert.Equal(1, (await readers.GetStatus("tally_table", Token)).Sum(static one => one.Lag));
        await readers.Resume("tally_table", Token);
        await FollowedAsync(cluster, "tally_table_s1");
        Assert.Equal([7L], folder.Sql("SELECT sum(amount) FROM tally_table"));

        await Assert.ThrowsAsync<ModelQueryException>(() => projections.Rebuild("tally_table", publish: false, Token));
        folder.Sql("UPDATE tally_table SET amount = 1000");
        Assert.Equal("tally_table_s1_2", (await projections.Rebuild("tally_table", publish: true, Token)).Name);
        await FollowedAsync(cluster, "tally_table_s1_2");
        Assert.Equal([7L], folder.Sql("SELECT sum(amount) FROM tally_table"));
        Assert.False(await projections.Switch("tally_table", "tally_table_s1", Token));
        Assert.False(await projections.Drop("tally_table", "tally_table_s1_2", Token));
    }

    [Fact]
    public async Task A_store_that_is_in_no_database_is_refused_when_the_silo_starts()
    {
        var refused = await RefusalAsync<SqlModelsRequiredException>(() => StartAsync<TallyTable>(null));

        Assert.Equal("tally_table", refused.Projection);
        Assert.Contains("MemoryModelStore", refused.Message);
        Assert.Contains("UseSqlite or UsePostgres", refused.Message);
    }

    [Fact]
    public async Task What_declares_too_little_or_has_anothers_name_is_refused_when_the_silo_starts()
    {
        await using var folder = new ModelFolder();
        var models = await folder.OpenAsync();

        Assert.Contains(
            "Mark it as in [Projection(",
            (await RefusalAsync<InvalidOperationException>(() => StartAsync<NamelessTable>(models))).Message);
        Assert.Contains(
            "reads no category",
            (await RefusalAsync<InvalidOperationException>(() => StartAsync<CategorylessTable>(models))).Message);
        Assert.Contains(
            "takes no event",
            (await RefusalAsync<InvalidOperationException>(() => StartAsync<EventlessTable>(models))).Message);
        Assert.Contains(
            "Two projections are named 'tallies'",
            (await RefusalAsync<InvalidOperationException>(() => StartAsync<TalliesTable>(models))).Message);
        Assert.Contains(
            "Two projections are named 'tallies'",
            (await RefusalAsync<InvalidOperationException>(() => StartAsync<TalliesTable>(models, isLive: true)))
                .Message);
    }

    private static async Task<T> RefusalAsync<T>(Func<Task<GranaryTestCluster>> start)
        where T : Exception
    {
        var thrown = await Record.ExceptionAsync(async () => await (await start()).DisposeAsync());
        for (var at = thrown; at is not null; at = at.InnerException)
        {
            if (at is T found) return found;
        }

        Assert.Fail($"Refused otherwise: {thrown}");
        return null!;
    }

    private static Task<GranaryTestCluster> StartAsync<TProjection>(
        IModelStore? models, short silos = 1, bool isLive = false)
        where TProjection : class, ISqlProjection => GranaryTestCluster.StartAsync(new GranaryTestClusterOptions
        {
            SiloCount = silos,
            Models = models,
            Configure = (_, granary) =>
            {
                if (isLive) granary.AddLiveProjection<Tallies>();
                else if (typeof(TProjection) == typeof(TalliesTable)) granary.AddProjection<Tallies>();
                granary.AddSqlProjection<TProjection>();
            },
        });

    private static async Task FollowedAsync(GranaryTestCluster cluster, string reader)
    {
        var end = (await cluster.Store.ReadLogAsync(LogPosition.StartOf(default), LogFilter.All, 1, Token)).End;
        await UntilAsync(async () =>
            (await cluster.Models.ReadCheckpointAsync(reader, default, Token))?.Position >= end);
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

[Projection("tally_table")]
internal class TallyTable : ISqlProjection
{
    public virtual IEnumerable<string> Categories => ["tally"];

    public virtual IEnumerable<Type> Events => [typeof(Tallied)];

    public async Task ApplyAsync(
        IReadOnlyList<SqlProjectionEvent> events, DbConnection connection, DbTransaction transaction,
        CancellationToken cancellationToken)
    {
        foreach (var (happened, _) in events)
        {
            await RunAsync(
                connection, transaction,
                string.Create(null, $"INSERT INTO tally_table VALUES ({((Tallied)happened).Amount})"));
        }
    }

    public Task ResetAsync(
        DbConnection connection, DbTransaction transaction, CancellationToken cancellationToken) => RunAsync(
        connection, transaction, "DROP TABLE IF EXISTS tally_table; CREATE TABLE tally_table (amount INT)");

    private static async Task RunAsync(DbConnection connection, DbTransaction transaction, string sql)
    {
        await using var command = connection.CreateCommand();
        (command.Transaction, command.CommandText) = (transaction, sql);
        await command.ExecuteNonQueryAsync();
    }
}

internal sealed class NamelessTable : TallyTable;

[Projection("without_category")]
internal sealed class CategorylessTable : TallyTable
{
    public override IEnumerable<string> Categories => [];
}

[Projection("without_event")]
internal sealed class EventlessTable : TallyTable
{
    public override IEnumerable<Type> Events => [];
}

[Projection("tallies")]
internal sealed class TalliesTable : TallyTable;
