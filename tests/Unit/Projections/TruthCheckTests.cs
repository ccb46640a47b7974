using System.Diagnostics.Metrics;
using System.Text;
using Granary.Gateway;
using Granary.Runtime;
using Granary.Testing;
using Granary.Tests.Unit.Observability;
using Granary.Tests.Unit.Retention;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Granary.Tests.Unit.Projections;

/// <summary>A silo checks its models against the log, and reports those that differ.</summary>
public sealed class TruthCheckTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_changed_and_a_missing_row_are_reported_until_they_are_what_the_log_says()
    {
        await using var cluster = await StartAsync();
        await FillAsync(cluster, 6);
        var meters = Service<IMeterFactory>(cluster);
        using var measured = new Measured(meters);
        var check = Service<TruthCheck>(cluster);
        await check.RunRoundAsync(Token);
        var clean = await ViewAsync(cluster);
        Assert.Empty(clean.Drifted);
        Assert.InRange(clean.Checked, 1, 6);
        Assert.Equal(0, clean.Skipped);
        Assert.NotNull(clean.CheckedAt);
        Assert.Equal(HealthStatus.Healthy, await HealthAsync(cluster));

        var row = await ChangeRowAsync(cluster, "t2", """{"total":1000,"count":1}""");
        var missing = await ChangeRowAsync(cluster, "t4", null);
        await RunUntilAsync(cluster, check, 2);
        Assert.Equal(["t2", "t4"], (await ViewAsync(cluster)).Drifted.Order());
        Assert.Equal(HealthStatus.Degraded, await HealthAsync(cluster));
        measured.Observe();
        Assert.Contains(
            "2 {model} granary.projection=tallies", measured.Of("granary.projection.drift"));

        await ChangeRowAsync(cluster, "t2", Encoding.UTF8.GetString(row!.Document.Span));
        await ChangeRowAsync(cluster, "t4", Encoding.UTF8.GetString(missing!.Document.Span));
        await check.RunRoundAsync(Token);
        Assert.Empty((await ViewAsync(cluster)).Drifted);
        Assert.Equal(HealthStatus.Healthy, await HealthAsync(cluster));
    }

    [Fact]
    public async Task A_new_build_that_takes_the_place_of_one_that_differs_has_no_drift()
    {
        await using var cluster = await StartAsync();
        await FillAsync(cluster, 3);
        var check = Service<TruthCheck>(cluster);
        await ChangeRowAsync(cluster, "t1", """{"total":1000,"count":1}""");
        await RunUntilAsync(cluster, check, 1);

        var projections = cluster.Grains.GetGrain<IProjectionsGrain>(0);
        await projections.Rebuild("tallies", publish: true, Token);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Token);
        patience.CancelAfter(Patience);
        while ((await projections.Read("tallies", patience.Token)).Builds[^1].State != BuildState.Published)
        {
            await cluster.Grains.GetGrain<ITallyGrain>("t0").Add(1);
            await check.RunRoundAsync(Token);
        }

        Assert.Empty((await ViewAsync(cluster)).Drifted);
        await check.RunRoundAsync(Token);
        Assert.Empty((await ViewAsync(cluster)).Drifted);
        Assert.True(await projections.Drop("tallies", "tallies_v1", Token));
        Assert.Empty(await cluster.Models.ReadAsync(DriftTable.Table, ["tallies_v1"], Token));
        Assert.NotEmpty(await cluster.Models.ReadAsync(DriftTable.Table, ["tallies_v1_2"], Token));
    }

    [Fact]
    public async Task While_grains_write_and_are_cleared_nothing_is_reported()
    {
        await using var cluster = await StartAsync();
        await FillAsync(cluster, 4);
        var check = Service<TruthCheck>(cluster);
        var writing = Task.Run(async () =>
        {
            for (var i = 0; i < 300; i++)
            {
                var grain = cluster.Grains.GetGrain<ITallyGrain>($"t{i % 4}");
                if (i % 13 == 0) await grain.Clear();
                else await grain.Add(i);
            }
        }, Token);
        while (!writing.IsCompleted) await check.RunRoundAsync(Token);
        await writing;
        await check.RunRoundAsync(Token);
        var found = await ViewAsync(cluster);
        Assert.Empty(found.Drifted);
        Assert.True(found.Checked > 0);
    }

    [Fact]
    public async Task Models_are_checked_at_each_interval_and_no_earlier()
    {
        await using var cluster = await StartAsync();
        await FillAsync(cluster, 3);
        var time = new ObservedTime();
        var runner = new TruthCheckRunner(
            Service<TruthCheck>(cluster), Service<ProjectionWorkers>(cluster), Service<DriftReports>(cluster),
            Options.Create(new TruthCheckOptions()), new OtherTime(cluster, time));
        await runner.Start();
        Assert.Equal([TimeSpan.FromMinutes(1)], time.Periods);
        time.Advance(TimeSpan.FromSeconds(59));
        Assert.Null((await ViewAsync(cluster)).CheckedAt);
        time.Advance(TimeSpan.FromSeconds(1));
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Token);
        patience.CancelAfter(Patience);
        while ((await ViewAsync(cluster)).CheckedAt is null) patience.Token.ThrowIfCancellationRequested();
        await runner.DisposeAsync();

        var off = new TruthCheckRunner(
            Service<TruthCheck>(cluster), Service<ProjectionWorkers>(cluster), Service<DriftReports>(cluster),
            Options.Create(new TruthCheckOptions { Enabled = false }), new OtherTime(cluster, time));
        await off.Start();
        Assert.Single(time.Periods);
        var before = await ViewAsync(cluster);
        time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(before.CheckedAt, (await ViewAsync(cluster)).CheckedAt);
        await off.DisposeAsync();
    }

    [Fact]
    public void What_rounds_have_found_adds_up_and_those_that_differ_are_checked_again_in_turn()
    {
        var document = new DriftDocument(default, default, 10, 1, ["a", "b", "c", "d"]);
        var round = new TruthRound();
        round.Add("a", RefoldOutcome.Differs);
        round.Add("b", RefoldOutcome.Equal);
        round.Add("c", RefoldOutcome.Skipped);
        round.Add("x", RefoldOutcome.Differs);
        round.Add("y", RefoldOutcome.Skipped);
        var after = document.With(round, DateTimeOffset.UnixEpoch);
        Assert.Equal((13, 3, DateTimeOffset.UnixEpoch), (after.Checked, after.Skipped, after.CheckedAt));
        Assert.Equal(["d", "a", "c", "x"], after.Keys);

        var many = new TruthRound();
        for (var i = 0; i < 200; i++) many.Add($"k{i}", RefoldOutcome.Differs);
        Assert.Equal(DriftDocument.KeysMax, after.With(many, default).Keys.Count);
        Assert.Equal(["d", "a", "c", "x"], after.With(many, default).Keys.Take(4));
    }

    private static Task<GranaryTestCluster> StartAsync() =>
        GranaryTestCluster.StartAsync(new GranaryTestClusterOptions
        {
            Configure = static (_, granary) => granary.AddProjection<Tallies>()
                .ConfigureTruthCheck(static check => (check.IntervalMs, check.KeysMax) = (86_400_000, 20)),
        });

    private static T Service<T>(GranaryTestCluster cluster)
        where T : notnull => cluster.Cluster.Silos[0].ServiceProvider.GetRequiredService<T>();

    private static async Task FillAsync(GranaryTestCluster cluster, int count)
    {
        for (var i = 0; i < count; i++) await cluster.Grains.GetGrain<ITallyGrain>($"t{i}").Add(i, 1);
        var end = (await cluster.Store.ReadLogAsync(LogPosition.StartOf(default), LogFilter.All, 1, Token)).End;
        await new ModelReader<TallyModel>(cluster.Grains, "tallies")
            .WaitForAsync(ModelWait.For(new LogPosition(default, end), Patience), Token);
    }

    private static async Task<TruthCheckView> ViewAsync(GranaryTestCluster cluster)
    {
        var view = await cluster.Grains.GetGrain<IProjectionsGrain>(0).Read("tallies", Token);
        Assert.Null(view.TruthCheck!.NotChecked);
        return view.TruthCheck;
    }

    private static async Task<HealthStatus> HealthAsync(GranaryTestCluster cluster)
    {
        var views = await cluster.Grains.GetGrain<IProjectionsGrain>(0).ReadAll(Token);
        var result = ReadersHealthCheck.ResultOf([], views, TimeSpan.FromMinutes(1));
        if (result.Status == HealthStatus.Degraded)
            Assert.Contains("'tallies' has", result.Description, StringComparison.Ordinal);
        return result.Status;
    }

    private static async Task RunUntilAsync(GranaryTestCluster cluster, TruthCheck check, int drifted)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Token);
        patience.CancelAfter(Patience);
        do await check.RunRoundAsync(patience.Token);
        while ((await ViewAsync(cluster)).Drifted.Count < drifted);
    }

    // The row as it was before.
    private static async Task<ModelRow?> ChangeRowAsync(GranaryTestCluster cluster, string key, string? document)
    {
        var builds = await new BuildsTable(cluster.Models).ReadAsync("tallies", Token);
        var table = builds!.Published.ToTable();
        var row = (await cluster.Models.ReadAsync(table, [key], Token)).SingleOrDefault();
        var write = document is null
            ? ModelWrite.Delete(table, row!)
            : ModelWrite.Put(table, key, row, Encoding.UTF8.GetBytes(document), [1000L], row?.Position ?? default);
        Assert.Equal(
            ModelCommitOutcome.Committed, await cluster.Models.CommitAsync(new ModelCommit(write), Token));
        return row;
    }

    /// <summary>A clock that records with which periods timers are made.</summary>
    private sealed class ObservedTime : FakeTimeProvider
    {
        public List<TimeSpan> Periods { get; } = [];

        public override ITimer CreateTimer(
            TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Periods.Add(period);
            return base.CreateTimer(callback, state, dueTime, period);
        }
    }

    /// <summary>A silo's services with another clock.</summary>
    private sealed class OtherTime(GranaryTestCluster cluster, TimeProvider time) : IServiceProvider
    {
        public object? GetService(Type serviceType) => serviceType == typeof(TimeProvider)
            ? time
            : cluster.Cluster.Silos[0].ServiceProvider.GetService(serviceType);
    }
}
