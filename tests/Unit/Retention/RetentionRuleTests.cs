using System.Text;
using Granary.Runtime;
using Granary.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Granary.Tests.Unit.Retention;

/// <summary>What a rule keeps of the streams of its category, and what of them is archived.</summary>
public sealed class RetentionRuleTests : IAsyncDisposable
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    // What ends a test whose signal never comes; a test that passes never waits so long.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly FakeTimeProvider _time = new(Noon);
    private readonly MemorySnapshotStore _snapshots = new();
    private readonly MemoryEventStore _memory;
    private readonly FaultInjectingEventStore _store;
    private readonly DirectoryInfo _archive = Directory.CreateTempSubdirectory("granary-test-");
    private GranaryTestCluster? _cluster;

    public RetentionRuleTests()
    {
        _memory = new MemoryEventStore(3, _snapshots);
        _store = new FaultInjectingEventStore(_memory);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private IGrainFactory Grains => _cluster!.Grains;

    [Fact]
    public async Task A_rule_of_a_number_keeps_so_many_of_the_last_events_of_each_stream_of_its_category()
    {
        var rule = new RetentionRule { KeepEvents = 20 };
        await StartAsync();
        await AddAsync("long", 50);
        await AddAsync("short", 20);
        await AddAsync("a-tenth-more", 22);

        await RunAsync(rule);

        Assert.Equal((31, 50), await EndsAsync("long"));
        Assert.Equal((1, 20), await EndsAsync("short"));
        Assert.Equal((1, 22), await EndsAsync("a-tenth-more"));
        await AddAsync("a-tenth-more", 1);
        await RunAsync(rule);
        Assert.Equal((4, 23), await EndsAsync("a-tenth-more"));
        Assert.Equal(50, (await Grains.GetGrain<ITallyGrain>("long").Get()).Total);
    }

    [Fact]
    public async Task A_rule_of_days_keeps_what_is_not_older_and_the_last_event()
    {
        var rule = new RetentionRule { KeepDays = 10 };
        await StartAsync();
        await AddAsync("old", 3);
        await AddAsync("both", 3);
        _time.Advance(TimeSpan.FromDays(5));
        await AddAsync("both", 2);
        _time.Advance(TimeSpan.FromDays(6));
        await AddAsync("new", 2);

        // A tenth of it later than it may be removed.
        await RunAsync(rule);
        Assert.Equal((1, 3), await EndsAsync("old"));
        _time.Advance(TimeSpan.FromHours(1));
        await RunAsync(rule);

        Assert.Equal((3, 3), await EndsAsync("old"));
        Assert.Equal((4, 5), await EndsAsync("both"));
        Assert.Equal((1, 2), await EndsAsync("new"));
    }

    [Fact]
    public async Task With_both_bounds_an_event_stays_while_one_of_them_keeps_it()
    {
        var rule = new RetentionRule { KeepDays = 10, KeepEvents = 2 };
        await StartAsync();
        await AddAsync("young", 9);
        await RunAsync(rule);
        Assert.Equal((1, 9), await EndsAsync("young"));

        _time.Advance(TimeSpan.FromDays(12));
        await AddAsync("young", 4);
        await RunAsync(rule);
        Assert.Equal((10, 13), await EndsAsync("young"));
        _time.Advance(TimeSpan.FromDays(12));
        await RunAsync(rule);
        Assert.Equal((12, 13), await EndsAsync("young"));
    }

    [Fact]
    public async Task What_is_removed_is_archived_before()
    {
        await StartAsync(new RetentionRule { KeepEvents = 2, ArchivePath = _archive.FullName });
        await AddAsync("A/b", 5);
        var log = await LogAsync("A/b");

        // The archive is written, and the store does not remove anything.
        _store.FailTruncations(1);
        await RunAsync();
        Assert.Equal((1, 5), await EndsAsync("A/b"));
        Assert.Equal(log[..3], await ArchivedAsync());
        await RunAsync();

        Assert.Equal((4, 5), await EndsAsync("A/b"));
        Assert.Equal(log[..3], await ArchivedAsync());
        await AddAsync("A/b", 2);
        log = await LogAsync("A/b");
        await RunAsync();
        Assert.Equal(5, (await ArchivedAsync()).Length);
        Assert.Equal(log[3..5], (await ArchivedAsync())[3..]);
    }

    [Fact]
    public async Task What_cannot_be_archived_is_not_removed()
    {
        var file = Path.Combine(_archive.FullName, "file");
        await File.WriteAllTextAsync(file, "in the way", Token);
        await StartAsync(new RetentionRule { KeepEvents = 2, ArchivePath = file });
        await AddAsync("kept", 5);

        await RunAsync();

        Assert.Equal((1, 5), await EndsAsync("kept"));
    }

    [Fact]
    public async Task A_stream_that_was_cleared_and_begins_anew_replaces_nothing_in_the_archive()
    {
        await StartAsync(new RetentionRule { KeepEvents = 2, ArchivePath = _archive.FullName });
        foreach (var _ in new[] { 1, 2 })
        {
            await AddAsync("again", 5);
            await RunAsync();
            await Grains.GetGrain<ITallyGrain>("again").Clear();
        }

        Assert.Equal(6, (await ArchivedAsync()).Length);
    }

    [Fact]
    public async Task The_silo_applies_its_rules_when_it_starts_and_at_each_interval()
    {
        await StartAsync();
        await AddAsync("interval", 5);
        await _cluster!.DisposeAsync();
        var gate = _store.HoldNextTruncation();
        await StartAsync(new RetentionRule { KeepEvents = 2 });
        await gate.Reached.WaitAsync(Patience, Token);
        gate.Open();

        await AddAsync("interval", 5);
        gate = _store.HoldNextTruncation();
        _time.Advance(TimeSpan.FromHours(1));
        await gate.Reached.WaitAsync(Patience, Token);
        gate.Open();
    }

    [Fact]
    public async Task A_rule_of_days_waits_for_a_clock_that_is_known_and_one_of_a_number_does_not()
    {
        await StartAsync();
        await AddAsync("clock", 5);
        _time.Advance(TimeSpan.FromDays(365));
        await RunAsync(new RetentionRule { KeepDays = 1 }, knowsTime: false);
        Assert.Equal((1, 5), await EndsAsync("clock"));
        await RunAsync(new RetentionRule { KeepEvents = 2 }, knowsTime: false);
        Assert.Equal((4, 5), await EndsAsync("clock"));
    }

    [Fact]
    public async Task A_rule_is_applied_to_what_it_is_for_and_to_nothing_else()
    {
        await StartAsync();
        await AddAsync("own", 5);
        await RunAsync(new RetentionRule { KeepEvents = 2, OfJsonStreams = true });
        Assert.Equal((1, 5), await EndsAsync("own"));
    }

    [Fact]
    public async Task A_stream_that_was_cleared_since_it_was_looked_at_keeps_what_came_since()
    {
        await StartAsync();
        await AddAsync("cleared", 5);
        var seen = await _store.ReadHeadAsync(new("tally", "cleared"), Token);
        await Grains.GetGrain<ITallyGrain>("cleared").Clear();
        await AddAsync("cleared", 9);

        var retention = Grains.GetGrain<ITallyGrain>("cleared").AsReference<IRetentionExtension>();
        await Assert.ThrowsAsync<StreamNotTruncatedException>(
            () => retention.Truncate(new(4), new TruncateOptions { Seen = seen }, Token));
        Assert.Equal((1, 9), await EndsAsync("cleared"));
    }

    [Fact]
    public async Task The_archive_that_the_caller_names_counts_whatever_rule_the_silo_of_the_grain_has()
    {
        await StartAsync();
        await AddAsync("named", 5);
        var log = await LogAsync("named");
        var how = new TruncateOptions { ArchivePath = _archive.FullName };
        await Grains.GetGrain<ITallyGrain>("named").AsReference<IRetentionExtension>().Truncate(new(4), how, Token);
        Assert.Equal(log[..3], await ArchivedAsync());
    }

    [Fact]
    public async Task Snapshots_that_come_while_the_archive_is_written_do_not_cost_the_one_that_is_needed()
    {
        await StartAsync(new RetentionRule { KeepEvents = 4, ArchivePath = _archive.FullName });
        await AddAsync("busy", 40);
        var stream = new StreamName("tally", "busy");
        var gate = _store.HoldNextTruncation();
        var pass = RunAsync(new RetentionRule { KeepEvents = 4 });
        await gate.Reached.WaitAsync(Patience, Token);
        for (var at = 0; at < ISnapshotStore.KeptMax + 2; at++)
        {
            await AddAsync("busy", 1);
            await WriteSnapshotAsync(stream);
        }

        gate.Open();
        await pass;
        Assert.Equal(37, (await EndsAsync("busy")).First);
        var tally = Grains.GetGrain<ITallyGrain>("busy").AsReference<IHistoryExtension>();
        for (var version = 37; version <= 58; version += 7)
            Assert.Equal(version, (await tally.ReadStateAtVersion(new(version), Token)).Version.Value);
    }

    [Fact]
    public async Task A_stream_whose_snapshot_is_of_another_grain_type_is_not_truncated()
    {
        await StartAsync();
        await AddAsync("foreign", 5);
        var stream = new StreamName("tally", "foreign");
        await WriteSnapshotAsync(stream, owner: "order");

        var fault = await Assert.ThrowsAsync<StreamNotTruncatedException>(
            () => Grains.GetGrain<ITallyGrain>("foreign").AsReference<IRetentionExtension>()
                .Truncate(new(4), null, Token));
        Assert.Contains("another type", fault.Reason);
        Assert.Equal((1, 5), await EndsAsync("foreign"));
    }

    [Fact]
    public async Task A_stream_that_fails_keeps_no_other_from_its_rule()
    {
        await StartAsync();
        foreach (var key in new[] { "a", "b", "c" }) await AddAsync(key, 5);
        _store.FailTruncations(1);

        await RunAsync(new RetentionRule { KeepEvents = 2 });

        var firsts = new List<long>();
        foreach (var key in new[] { "a", "b", "c" }) firsts.Add((await EndsAsync(key)).First);
        Assert.Equal([1, 4, 4], firsts.Order());
    }

    [Fact]
    public async Task A_rule_that_bounds_nothing_stops_the_start()
    {
        var fault = await Assert.ThrowsAnyAsync<Exception>(() => StartAsync(new RetentionRule()));
        Assert.Contains("KeepEvents, KeepDays or both", fault.ToString());
    }

    public async ValueTask DisposeAsync()
    {
        if (_cluster is not null) await _cluster.DisposeAsync();
        _archive.Delete(recursive: true);
    }

    private async Task StartAsync(RetentionRule? rule = null) =>
        _cluster = await GranaryTestCluster.StartAsync(new GranaryTestClusterOptions
        {
            Store = _store,
            Snapshots = _snapshots,
            Time = _time,
            Configure = (silo, granary) =>
            {
                silo.Services.AddSingleton<IStreamCatalog>(_memory);
                if (rule is not null) granary.AddRetention("tally", added =>
                    (added.KeepEvents, added.KeepDays, added.ArchivePath) =
                    (rule.KeepEvents, rule.KeepDays, rule.ArchivePath));
            },
        });

    private Task RunAsync(RetentionRule? rule = null, bool knowsTime = true) =>
        _cluster!.Cluster.Silos[0].ServiceProvider.GetRequiredService<RetentionPass>()
            .RunAsync("tally", rule ?? new RetentionRule { KeepEvents = 2 }, knowsTime, Token);

    private async Task WriteSnapshotAsync(StreamName stream, string owner = "tally")
    {
        var head = await _store.ReadHeadAsync(stream, Token);
        await _snapshots.WriteSnapshotAsync(
            new Snapshot
            {
                Stream = stream,
                Version = head.Version,
                Position = head.Position,
                Timestamp = _time.GetUtcNow(),
                Fingerprint = $"shape/{Runtime.Snapshots.Fold("code", GrainType.Create(owner))}",
                Checksum = 0,
                Payload = default,
            },
            Token);
    }

    private Task AddAsync(string key, int events) =>
        Grains.GetGrain<ITallyGrain>(key).Add([.. Enumerable.Repeat(1, events)]);

    private async Task<(long First, long Version)> EndsAsync(string key)
    {
        var head = await _store.ReadHeadAsync(new("tally", key), Token);
        return (head.First.Value, head.Version.Value);
    }

    private async Task<string[]> LogAsync(string key)
    {
        var lines = new List<string>();
        var stream = new StreamName("tally", key);
        await foreach (var recorded in _memory.ReadLogAsync(
            LogPosition.StartOf(LogPartition.Of(stream, _memory.PartitionCount)), Token))
        {
            if (recorded.Stream == stream) lines.Add(Line(recorded));
        }

        return [.. lines];
    }

    private async Task<string[]> ArchivedAsync()
    {
        var lines = new List<string>();
        foreach (var file in Directory.GetFiles(_archive.FullName, "*", SearchOption.AllDirectories).Order())
        {
            Assert.EndsWith(".ndjson", file);
            foreach (var line in await File.ReadAllLinesAsync(file, Token))
                lines.Add(Line(EventLine.Read(Encoding.UTF8.GetBytes(line))));
        }

        return [.. lines];
    }

    private static string Line(RecordedEvent one) =>
        $"{one.Position} {one.Stream} {one.Version} {one.Id} {one.Type} {Encoding.UTF8.GetString(one.Payload.Span)}";
}
