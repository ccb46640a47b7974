using System.Net;
using Granary.Silo;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Storage;

namespace Granary.Tests.Integration;

/// <summary>What Orleans expects of tables of members and reminders and of a grain storage, over our own SQL.</summary>
public sealed class PostgresTablesTests : IAsyncLifetime
{
    private static readonly DateTime Time = new(2026, 5, 1, 12, 0, 0, DateTimeKind.Utc);

    private readonly TempFolder _data = new();
    private readonly FreePorts _ports = FreePorts.Reserve(3);
    private PostgresDatabase? _database;
    private WebApplication? _silo;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private IServiceProvider Services => _silo!.Services;

    public async ValueTask InitializeAsync()
    {
        _database = await PostgresDatabase.CreateAsync();
        _silo = GranarySilo.Build(
        [
            $"--Granary:DataPath={_data.Path}", $"--Granary:Url=http://127.0.0.1:{_ports[0]}",
            $"--Granary:SiloPort={_ports[1]}", $"--Granary:GatewayPort={_ports[2]}", "--Granary:Cluster=postgres",
            $"--Granary:ClusterConnectionString={_database.ConnectionString}",
        ]);
        await Services.GetRequiredService<ClusterProvider>().ConnectAsync(Token);
    }

    public async ValueTask DisposeAsync()
    {
        if (_silo is not null) await _silo.DisposeAsync();
        if (_database is not null) await _database.DisposeAsync();
        _ports.Dispose();
        _data.Dispose();
    }

    [Fact]
    public async Task Of_two_changes_of_the_members_that_are_based_on_one_version_one_lands()
    {
        var table = Services.GetRequiredService<IMembershipTable>();
        await table.InitializeMembershipTableAsync(true, Token);
        await table.InitializeMembershipTableAsync(true, Token);
        var empty = (await table.ReadAllAsync(Token)).Version;

        var inserts = await Task.WhenAll(Enumerable.Range(1, 8).Select(port =>
            Task.Run(() => table.InsertRowAsync(Member(port), empty.Next(), Token), Token)));
        Assert.Single(inserts, static landed => landed);
        var one = await table.ReadAllAsync(Token);
        var member = Assert.Single(one.Members).Item1;
        Assert.Equal(empty.Version + 1, one.Version.Version);
        Assert.False(await table.InsertRowAsync(
            Member(member.SiloAddress.Endpoint.Port), one.Version.Next(), Token));

        member.Status = SiloStatus.Active;
        member.AddSuspector(Member(9).SiloAddress, Time);
        var updates = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ =>
            Task.Run(() => table.UpdateRowAsync(member, one.Version.VersionEtag, one.Version.Next(), Token), Token)));
        Assert.Single(updates, static landed => landed);
        var current = (await table.ReadAllAsync(Token)).Version;
        Assert.False(await table.UpdateRowAsync(Member(10), current.VersionEtag, current.Next(), Token));

        var read = await table.ReadRowAsync(member.SiloAddress, Token);
        Assert.Equal(empty.Version + 2, read.Version.Version);
        var stored = Assert.Single(read.Members).Item1;
        Assert.Equal(SiloStatus.Active, stored.Status);
        Assert.Equal(Time, Assert.Single(stored.SuspectTimes!).Item2);
        Assert.Equal((Time, "silo", "host"), (stored.StartTime, stored.SiloName, stored.HostName));
    }

    [Fact]
    public async Task A_silo_that_is_not_there_is_read_with_the_version_and_an_old_dead_one_is_cleaned_up()
    {
        var table = Services.GetRequiredService<IMembershipTable>();
        await table.InitializeMembershipTableAsync(true, Token);
        foreach (var (port, status) in new[] { (1, SiloStatus.Dead), (2, SiloStatus.Dead), (3, SiloStatus.Active) })
        {
            var version = (await table.ReadAllAsync(Token)).Version;
            Assert.True(await table.InsertRowAsync(Member(port, status), version.Next(), Token));
        }

        var alive = Member(2);
        alive.IAmAliveTime = Time.AddHours(2);
        await table.UpdateIAmAliveAsync(alive, Token);
        await table.CleanupDefunctSiloEntriesAsync(Time.AddHours(1), Token);

        var all = await table.ReadAllAsync(Token);
        Assert.Equal([2, 3], all.Members.Select(static one => one.Item1.SiloAddress.Endpoint.Port).Order());
        var gone = await table.ReadRowAsync(Member(1).SiloAddress, Token);
        Assert.Empty(gone.Members);
        Assert.Equal(all.Version.Version, gone.Version.Version);
    }

    [Fact]
    public async Task Reminders_are_read_by_ranges_of_the_ring_and_removed_by_their_version()
    {
        var table = Services.GetRequiredService<IReminderTable>();
        await table.StartAsync(Token);
        var entries = Enumerable.Range(0, 50).Select(static key => new ReminderEntry
        {
            GrainId = GrainId.Create("probe", $"{key}"),
            ReminderName = "r",
            StartAt = Time,
            Period = TimeSpan.FromMinutes(key + 1),
        }).ToArray();
        foreach (var entry in entries) await table.UpsertRow(entry, Token);

        // Ranges that hold zero, that do not, that go over the ring's end, and the whole ring.
        foreach (var (begin, end) in new[]
                 {
                     (0u, 0x4000_0000u), (0x6000_0000u, 0xA000_0000u), (0xC000_0000u, 0x2000_0000u),
                     (0x8000_0000u, 0x8000_0000u), (0u, 0u),
                 })
        {
            var expected = entries.Where(one => IsBetween(one.GrainId.GetUniformHashCode(), begin, end));
            Assert.Equal(
                expected.Select(static one => one.GrainId.ToString()).Order(StringComparer.Ordinal),
                (await table.ReadRows(begin, end, Token)).Reminders.Select(static one => one.GrainId.ToString())
                    .Order(StringComparer.Ordinal));
        }

        var first = (await table.ReadRow(entries[7].GrainId, "r", Token))!;
        Assert.Equal((Time, TimeSpan.FromMinutes(8)), (first.StartAt, first.Period));
        var version = await table.UpsertRow(entries[7], Token);
        Assert.NotEqual(first.ETag, version);
        Assert.False(await table.RemoveRow(entries[7].GrainId, "r", first.ETag!, Token));
        Assert.True(await table.RemoveRow(entries[7].GrainId, "r", version!, Token));
        Assert.Empty((await table.ReadRows(entries[7].GrainId, Token)).Reminders);
        Assert.Single((await table.ReadRows(entries[8].GrainId, Token)).Reminders);
    }

    [Theory]
    [InlineData("a text")]
    [InlineData("7")]
    [InlineData("0192f0a84a5d7c3e8f0123456789abcd")]
    [InlineData("7+an extension")]
    [InlineData("long")]
    public async Task Of_two_writes_of_a_state_that_are_based_on_one_version_one_lands(string key)
    {
        var storage = await StorageAsync();
        if (key == "long") key = string.Concat(Enumerable.Repeat("0123456789", 500));
        var grain = GrainId.Create("probe", key);

        var writes = await Task.WhenAll(Enumerable.Range(1, 8).Select(value =>
            Task.Run(() => TryWriteAsync(storage, grain, new() { State = new() { Value = value } }), Token)));
        var landed = Assert.Single(writes, static state => state is not null)!;
        var read = await ReadAsync(storage, grain);
        Assert.Equal(landed.State!.Value, read.State!.Value);
        Assert.True(read.RecordExists);

        var stale = await ReadAsync(storage, grain);
        read.State!.Value = 100;
        Assert.NotNull(await TryWriteAsync(storage, grain, read));
        Assert.Null(await TryWriteAsync(storage, grain, stale));
        Assert.Equal(100, (await ReadAsync(storage, grain)).State!.Value);

        await Assert.ThrowsAsync<InconsistentStateException>(() => storage.ClearStateAsync("probe", grain, stale));
        await storage.ClearStateAsync("probe", grain, read);
        Assert.Equal(0, (await ReadAsync(storage, grain)).State!.Value);
        Assert.Equal(0, (await ReadAsync(storage, GrainId.Create("probe", key + "0"))).State!.Value);
        read.State!.Value = 5;
        Assert.NotNull(await TryWriteAsync(storage, grain, read));
        Assert.Equal(5, (await ReadAsync(storage, grain)).State!.Value);
    }

    private static bool IsBetween(uint hash, uint begin, uint end) =>
        begin < end ? hash > begin && hash <= end : hash > begin || hash <= end;

    private static MembershipEntry Member(int port, SiloStatus status = SiloStatus.Created) => new()
    {
        SiloAddress = SiloAddress.New(IPAddress.Loopback, port, 1),
        SiloName = "silo",
        HostName = "host",
        Status = status,
        ProxyPort = 30_000,
        StartTime = Time,
        IAmAliveTime = Time,
    };

    private static async Task<GrainState<ProbeState>> ReadAsync(IGrainStorage storage, GrainId grain)
    {
        var state = new GrainState<ProbeState>(new());
        await storage.ReadStateAsync("probe", grain, state);
        return state;
    }

    private static async Task<GrainState<ProbeState>?> TryWriteAsync(
        IGrainStorage storage, GrainId grain, GrainState<ProbeState> state)
    {
        try
        {
            await storage.WriteStateAsync("probe", grain, state);
            return state;
        }
        catch (InconsistentStateException)
        {
            return null;
        }
    }

    // It reads its queries when the silo starts.
    private async Task<IGrainStorage> StorageAsync()
    {
        var storage = Services.GetRequiredKeyedService<IGrainStorage>("Default");
        var start = new StartSteps();
        ((ILifecycleParticipant<ISiloLifecycle>)storage).Participate(start);
        foreach (var step in start.Steps) await step.OnStart(Token);
        return storage;
    }

    private sealed class StartSteps : ISiloLifecycle
    {
        public List<ILifecycleObserver> Steps { get; } = [];

        public int HighestCompletedStage => 0;

        public int LowestStoppedStage => 0;

        public IDisposable Subscribe(string observerName, int stage, ILifecycleObserver observer)
        {
            Steps.Add(observer);
            return new MemoryStream();
        }
    }
}
