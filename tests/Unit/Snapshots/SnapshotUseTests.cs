using System.Buffers.Binary;
using Granary.Runtime;
using Granary.Testing;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;

namespace Granary.Tests.Unit.Snapshots;

public sealed class SnapshotUseTests
{
    private static readonly StreamName Stream = new("sum", "one");

    private readonly SignallingSnapshots _snapshots;
    private readonly MemoryEventStore _store;

    public SnapshotUseTests()
    {
        var memory = new MemorySnapshotStore();
        (_snapshots, _store) = (new SignallingSnapshots(memory), new MemoryEventStore(1, memory));
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<Exception> ReadFaults =>
    [
        new StoreUnavailableException("On purpose."),
        new StoreCorruptException("On purpose."),
        new InvalidOperationException("On purpose."),
    ];

    [Theory]
    [MemberData(nameof(ReadFaults), DisableDiscoveryEnumeration = true)]
    public async Task A_snapshot_store_that_fails_costs_a_replay_and_not_the_activation(Exception fault)
    {
        await using var cluster = await StartAsync(new Every(2));
        var grain = await FillAsync(cluster, 5);
        _snapshots.ReadFault = fault;
        await grain.Leave();

        var view = await grain.Get();
        Assert.Equal((15, 5), (view.Sum, view.Folded));
        var history = grain.AsReference<IHistoryExtension>();
        Assert.Equal("""{"sum":10}"""u8.ToArray(), (await history.ReadStateAtVersion(new(4), Token)).Json);
    }

    [Theory]
    [InlineData("state")]
    [InlineData("commands")]
    [InlineData("apply")]
    public async Task A_snapshot_that_cannot_be_used_is_passed_over_for_the_one_before(string fault)
    {
        await using var cluster = await StartAsync(new Every(2));
        var grain = await FillAsync(cluster, 5);
        var last = await LastWrittenAsync(2);
        await _snapshots.WriteSnapshotAsync(Broken(last, fault), Token);
        await grain.Leave();

        // The snapshot at version 2 and three events after it.
        var view = await grain.Get();
        Assert.Equal((15, 3), (view.Sum, view.Folded));
        var history = grain.AsReference<IHistoryExtension>();
        Assert.Equal("""{"sum":15}"""u8.ToArray(), (await history.ReadStateAtVersion(new(5), Token)).Json);
    }

    [Fact]
    public async Task A_snapshot_of_another_stream_is_not_used()
    {
        await using var cluster = await StartAsync(new Every(2));
        var grain = await FillAsync(cluster, 3);
        var last = await LastWrittenAsync(1);
        _snapshots.ReadFault = null;
        var other = cluster.Grains.GetGrain<ISumGrain>("two");
        await other.Add(100);
        await _snapshots.WriteSnapshotAsync(
            Runtime.Snapshots.Seal(
                new("sum", "two"), new(new(1), last.Position, last.Timestamp), last.Fingerprint, last.Payload),
            Token);
        await other.Leave();

        Assert.Equal(100, (await other.Get()).Sum);
        Assert.Equal(6, (await grain.Get()).Sum);
    }

    [Fact]
    public async Task A_registered_policy_decides_and_gets_the_stream_and_its_cost()
    {
        var policy = new Every(3);
        await using var cluster = await StartAsync(policy);
        await FillAsync(cluster, 4);

        Assert.Equal(3, (await LastWrittenAsync(1)).Version.Value);
        Assert.Equal([(Stream, 1L), (Stream, 2L), (Stream, 3L), (Stream, 1L)], policy.Asked);
    }

    [Fact]
    public async Task A_policy_that_throws_does_not_harm_the_grain()
    {
        await using var cluster = await StartAsync(new Throwing());
        var grain = await FillAsync(cluster, 3);
        await grain.Leave();

        Assert.Equal(6, (await grain.Get()).Sum);
    }

    [Fact]
    public async Task Where_snapshots_are_disabled_no_policy_is_called()
    {
        var policy = new Every(1);
        await using var cluster = await StartAsync(
            policy, services => services.Configure<SnapshotOptions>(static options => options.Enabled = false));
        await FillAsync(cluster, 3);

        Assert.Empty(policy.Asked);
        Assert.False(_snapshots.Written.TryRead(out _));
    }

    [Fact]
    public async Task A_grain_that_is_only_read_has_a_snapshot_taken_when_it_was_loaded()
    {
        await using (var before = await StartAsync(new Every(100))) await FillAsync(before, 5);
        await using var cluster = await StartAsync(new Every(5));
        await cluster.Grains.GetGrain<ISumGrain>("one").Get();

        Assert.Equal(5, (await LastWrittenAsync(1)).Version.Value);
    }

    [Fact]
    public async Task A_grain_that_migrates_more_often_than_snapshots_are_due_has_one_taken_all_the_same()
    {
        await using var cluster = await StartAsync(new Every(5), silos: 2);
        var grain = cluster.Grains.GetGrain<ISumGrain>("one");
        for (var added = 1; added <= 3; added++) await grain.Add(added);
        await MoveAsync(cluster, grain);
        for (var added = 4; added <= 6; added++) await grain.Add(added);

        // Three events before the migration and two after it.
        Assert.Equal(5, (await LastWrittenAsync(1)).Version.Value);

        // Only the last three were folded there, each into the tentative and the confirmed state.
        Assert.Equal((21, 6), ((await grain.Get()).Sum, (await grain.Get()).Folded));
    }

    private Task<GranaryTestCluster> StartAsync(
        ISnapshotPolicy policy, Action<IServiceCollection>? configure = null, short silos = 1) =>
        GranaryTestCluster.StartAsync(new()
        {
            Store = _store,
            Snapshots = _snapshots,
            SiloCount = silos,
            Configure = (silo, _) =>
            {
                silo.Services.AddSingleton(policy);
                configure?.Invoke(silo.Services);
            },
        });

    private static async Task<ISumGrain> FillAsync(GranaryTestCluster cluster, int count)
    {
        var grain = cluster.Grains.GetGrain<ISumGrain>("one");
        for (var number = 1; number <= count; number++) await grain.Add(number);
        return grain;
    }

    private async Task<Snapshot> LastWrittenAsync(int count)
    {
        for (var read = 1; ; read++)
        {
            var snapshot = await _snapshots.Written.ReadAsync(Token);
            if (read == count) return snapshot;
        }
    }

    private static async Task MoveAsync(GranaryTestCluster cluster, ISumGrain grain)
    {
        var home = (await grain.Get()).Home;
        var target = cluster.Cluster.Silos.Single(silo => silo.SiloAddress.ToString() != home).SiloAddress;
        RequestContext.Set(Orleans.Runtime.Placement.IPlacementDirector.PlacementHintKey, target);
        await grain.MoveAway();
        RequestContext.Clear();

        // The migration begins when the grain is idle; a call before that is answered by its old activation.
        for (var asked = 0; (await grain.Get()).Home == home; asked++)
            Assert.True(asked < 1_000, "The grain did not migrate.");
    }

    private static Snapshot Broken(Snapshot whole, string fault)
    {
        var payload = whole.Payload.ToArray();
        var length = BinaryPrimitives.ReadInt32LittleEndian(payload);
        if (fault == "state") payload.AsSpan(sizeof(int), length).Fill(0xFF);
        if (fault == "commands") payload = [.. payload, .. "[{}]"u8];
        if (fault == "apply") payload = TooMuch();
        return Runtime.Snapshots.Seal(
            whole.Stream, new(whole.Version, whole.Position, whole.Timestamp), whole.Fingerprint, payload);
    }

    // A state that no fold leads to.
    private static byte[] TooMuch()
    {
        using var services = new ServiceCollection().AddSerializer().BuildServiceProvider();
        var state = services.GetRequiredService<Serializer>()
            .SerializeToArray(new SumState { Sum = 1_000_000 });
        var payload = new byte[sizeof(int) + state.Length];
        BinaryPrimitives.WriteInt32LittleEndian(payload, state.Length);
        state.CopyTo(payload, sizeof(int));
        return payload;
    }

    /// <summary>A snapshot is due after so many events.</summary>
    private sealed class Every(int events) : ISnapshotPolicy
    {
        public List<(StreamName Stream, long Events)> Asked { get; } = [];

        public bool IsDue(StreamName stream, ReplayCost cost)
        {
            Asked.Add((stream, cost.Events));
            return cost.Events >= events;
        }
    }

    private sealed class Throwing : ISnapshotPolicy
    {
        public bool IsDue(StreamName stream, ReplayCost cost) => throw new InvalidOperationException("On purpose.");
    }
}
