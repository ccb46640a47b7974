using Granary.Runtime;
using Granary.Testing;

namespace Granary.Tests.Unit.Retention;

/// <summary>A truncated stream whose snapshots other code has written.</summary>
public sealed class OldSnapshotTests
{
    private readonly MemorySnapshotStore _snapshots = new();
    private readonly MemoryEventStore _store;

    public OldSnapshotTests() => _store = new MemoryEventStore(1, _snapshots);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static StreamName Stream { get; } = new("tally", "old");

    [Fact]
    public async Task Its_grain_is_not_activated_and_the_error_says_what_to_do()
    {
        await TruncateAsync();
        await WriteByOtherCodeAsync();
        await using var cluster = await StartAsync(accepts: false);

        var fault = await Assert.ThrowsAsync<StateNotReadableException>(() => Tally(cluster).Get());
        Assert.Equal((Stream, 3), (fault.Stream, fault.First.Value));
        Assert.Contains("AcceptOldOfTruncated", fault.Message);
        Assert.Equal(5, (await _store.ReadHeadAsync(Stream, Token)).Version.Value);
    }

    [Fact]
    public async Task Its_grain_is_activated_from_them_where_the_silo_accepts_it()
    {
        await TruncateAsync();
        await WriteByOtherCodeAsync();
        await using var cluster = await StartAsync(accepts: true);

        var view = await Tally(cluster).Get();
        Assert.Equal((15, 5), (view.Total, view.Version));
        Assert.Equal(6, await Tally(cluster).Add(6));
        var past = await Tally(cluster).AsReference<IHistoryExtension>().ReadStateAtVersion(new(4), Token);
        Assert.Equal("""{"total":10}""", System.Text.Encoding.UTF8.GetString(past.Json));
    }

    [Fact]
    public async Task What_is_not_truncated_is_replayed_whatever_the_silo_accepts()
    {
        await using (var cluster = await StartAsync(accepts: true))
        {
            for (var amount = 1; amount <= 3; amount++) await Tally(cluster).Add(amount);
        }

        await _snapshots.WriteSnapshotAsync(OtherCode(await WrongSnapshotAsync()), Token);
        await using var again = await StartAsync(accepts: true);
        Assert.Equal(6, (await Tally(again).Get()).Total);
    }

    private static ITallyGrain Tally(GranaryTestCluster cluster) => cluster.Grains.GetGrain<ITallyGrain>("old");

    private Task<GranaryTestCluster> StartAsync(bool accepts) => GranaryTestCluster.StartAsync(new()
    {
        Store = _store,
        Snapshots = _snapshots,
        Configure = (_, granary) => granary.ConfigureSnapshots(options => options.AcceptOldOfTruncated = accepts),
    });

    private async Task TruncateAsync()
    {
        await using var cluster = await StartAsync(accepts: false);
        for (var amount = 1; amount <= 5; amount++) await Tally(cluster).Add(amount);
        await Tally(cluster).AsReference<IRetentionExtension>().Truncate(new(3));
    }

    private async Task WriteByOtherCodeAsync()
    {
        // As if other code had truncated the stream: nothing replaces that snapshot later.
        var written = await _snapshots.ReadSnapshotAsync(Stream, new(long.MaxValue), null, Token);
        Assert.Equal(3, written!.Version.Value);
        _snapshots.Clear(Stream, LogPosition.StartOf(default));
        await _snapshots.WriteSnapshotAsync(OtherCode(written), Token);
    }

    // A snapshot whose state is none that the events give.
    private async Task<Snapshot> WrongSnapshotAsync()
    {
        var other = new StreamName("tally", "other");
        await using var cluster = await StartAsync(accepts: false);
        var tally = cluster.Grains.GetGrain<ITallyGrain>("other");
        await tally.Add(100, 100);
        await tally.AsReference<IRetentionExtension>().Truncate(new(2));
        var (snapshot, last) = (
            (await _snapshots.ReadSnapshotAsync(other, new(long.MaxValue), null, Token))!,
            await LastEventAsync());
        return new Snapshot
        {
            Stream = Stream,
            Version = last.Version,
            Position = last.Position,
            Timestamp = snapshot.Timestamp,
            Fingerprint = snapshot.Fingerprint,
            Checksum = snapshot.Checksum,
            Payload = snapshot.Payload,
        };
    }

    private async Task<RecordedEvent> LastEventAsync() =>
        (await _store.ReadStreamBackwardAsync(Stream, new(long.MaxValue), 1, Token)).Events[0];

    private static Snapshot OtherCode(Snapshot snapshot) => new()
    {
        Stream = snapshot.Stream,
        Version = snapshot.Version,
        Position = snapshot.Position,
        Timestamp = snapshot.Timestamp,
        Fingerprint = $"another shape/{Runtime.Snapshots.Fold("another fold", GrainType.Create("tally"))}",
        Checksum = snapshot.Checksum,
        Payload = snapshot.Payload,
    };
}
