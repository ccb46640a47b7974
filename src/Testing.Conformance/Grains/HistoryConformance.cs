using System.Buffers.Binary;
using System.Text;
using Granary.Runtime;
using Microsoft.Extensions.DependencyInjection;

namespace Granary.Testing.Conformance.Grains;

/// <summary>What every grain on Granary answers about its past.</summary>
public abstract class HistoryConformance<TStore> : GrainConformance<TStore>
    where TStore : TestStore, new()
{
    private static readonly DateTimeOffset Start = new(2100, 1, 1, 12, 0, 0, TimeSpan.Zero);
    private static int _tests;

    // Recorded time never goes back, and all tests share a store: each is on a day after the last one's.
    private DateTimeOffset Noon { get; } = Start.AddDays(Interlocked.Increment(ref _tests));

    [Fact]
    public async Task The_state_as_of_every_version_is_the_fold_up_to_it()
    {
        await AppendAtAsync("versions", Noon, 1, 2, 3, 4);

        for (var version = 0; version <= 4; version++)
        {
            var view = await HistoryOf("versions").ReadStateAtVersion(new(version));
            Assert.Equal((version, Total(version * (version + 1) / 2)), (view.Version.Value, Text(view)));
            Assert.Equal(version == 0 ? null : Noon, view.Timestamp);
        }
    }

    [Fact]
    public async Task A_version_after_the_head_is_refused()
    {
        await AppendAtAsync("beyond", Noon, 1, 2);
        var error = await Assert.ThrowsAsync<ArgumentOutOfRangeException>(
            () => HistoryOf("beyond").ReadStateAtVersion(new(3)));
        Assert.Contains("it is at version 2", error.Message);
    }

    [Fact]
    public async Task The_state_as_of_an_instant_holds_what_was_recorded_until_then()
    {
        await AppendAtAsync("instants", Noon, 1, 2);
        await AppendAtAsync("instants", Noon.AddHours(1), 10);

        Assert.Equal((0, Total(0)), await AtAsync("instants", Noon.AddMicroseconds(-1)));
        Assert.Equal((2, Total(3)), await AtAsync("instants", Noon));
        Assert.Equal((2, Total(3)), await AtAsync("instants", Noon.AddMinutes(59)));
        Assert.Equal((3, Total(13)), await AtAsync("instants", Noon.AddHours(1)));
    }

    [Fact]
    public async Task Where_a_clock_goes_back_a_state_as_of_an_instant_misses_nothing_confirmed_before()
    {
        await AppendAtAsync("clock", Noon, 1);
        await AppendAtAsync("clock", Noon.AddHours(2), 10);
        await AppendAtAsync("clock", Noon.AddHours(1), 100);

        Assert.Equal((1, Total(1)), await AtAsync("clock", Noon.AddHours(1)));
        Assert.Equal((3, Total(111)), await AtAsync("clock", Noon.AddHours(2)));
        Assert.Equal(Noon.AddHours(2), (await HistoryOf("clock").ReadHead()).Updated);
    }

    [Fact]
    public async Task A_past_state_starts_at_the_nearest_snapshot_below_it()
    {
        await AppendAtAsync("nearest", Noon, 1, 2, 3, 4);

        // What the snapshots hold is no fold of the events, so that it shows which one was used.
        await WriteSnapshotAsync("nearest", version: 1, total: 100);
        await WriteSnapshotAsync("nearest", version: 3, total: 1_000);

        Assert.Equal(Total(102), Text(await HistoryOf("nearest").ReadStateAtVersion(new(2))));
        Assert.Equal(Total(1_000), Text(await HistoryOf("nearest").ReadStateAtVersion(new(3))));
        Assert.Equal(Total(1_004), Text(await HistoryOf("nearest").ReadStateAtVersion(new(4))));
        Assert.Equal(Total(0), Text(await HistoryOf("nearest").ReadStateAtVersion(StreamVersion.Zero)));
    }

    [Fact]
    public async Task A_state_as_of_an_instant_uses_no_snapshot_that_holds_later_events()
    {
        await AppendAtAsync("later", Noon, 1);
        await AppendAtAsync("later", Noon.AddHours(2), 10);
        await AppendAtAsync("later", Noon.AddHours(1), 100);
        await WriteSnapshotAsync("later", version: 3, total: 5_000, latest: Noon.AddHours(2));

        Assert.Equal((1, Total(1)), await AtAsync("later", Noon.AddHours(1)));
        Assert.Equal((3, Total(5_000)), await AtAsync("later", Noon.AddHours(2)));
    }

    [Theory]
    [InlineData("position")]
    [InlineData("fingerprint")]
    [InlineData("checksum")]
    [InlineData("beyond")]
    public async Task A_snapshot_that_does_not_match_is_ignored_by_history_and_by_the_grain(string fault)
    {
        var key = $"wrong-{fault}";
        await AppendAtAsync(key, Noon, 1, 2, 3);
        await WriteSnapshotAsync(key, version: fault == "beyond" ? 7 : 2, total: 1_000, fault: fault);

        Assert.Equal((6, 3), ((await Counter(key).Get()).Total, (await Counter(key).Get()).Version));
        Assert.Equal(Total(6), Text(await HistoryOf(key).ReadStateAtVersion(new(3))));
        Assert.Equal((3, Total(6)), await AtAsync(key, Noon));
    }

    [Fact]
    public async Task A_grain_is_loaded_from_its_newest_snapshot()
    {
        await AppendAtAsync("loaded", Noon, 1, 2, 3);
        await WriteSnapshotAsync("loaded", version: 2, total: 1_000);

        var view = await Counter("loaded").Get();
        Assert.Equal((1_003, 3, 1), (view.Total, view.Version, view.Folded));
    }

    [Fact]
    public async Task A_snapshot_of_a_cleared_generation_is_not_used_in_the_next()
    {
        var grain = Counter("generations");
        await grain.AddAll([1, 2, 3]);
        await grain.Clear();
        await grain.AddAll([10, 20, 30]);

        // As one that was in flight when the stream was cleared: the position is of the generation before.
        await WriteSnapshotAsync("generations", version: 2, total: 1_000, fault: "position");
        await grain.Leave();
        Assert.Equal(60, (await grain.Get()).Total);
        Assert.Equal(Total(30), Text(await HistoryOf("generations").ReadStateAtVersion(new(2))));
    }

    [Fact]
    public async Task The_state_now_is_the_confirmed_one()
    {
        var grain = Counter("now");
        await grain.AddAll([1, 2]);
        var gate = Store.HoldNextCommit();
        await grain.AddWithoutConfirming(100);
        await gate.Reached;

        var view = await HistoryOf("now").ReadState();
        gate.Open();
        Assert.Equal((2, Total(3)), (view.Version.Value, Text(view)));
        Assert.Equal((await StoredAsync(CounterStream("now")))[1].Timestamp, view.Timestamp);
        Assert.Equal(CounterStream("now"), view.Stream);
    }

    [Fact]
    public async Task The_state_now_of_a_stream_that_is_cleared_while_it_is_read_is_the_empty_one()
    {
        await Counter("now-cleared").Add(1);
        await AppendElsewhereAsync(CounterStream("now-cleared"), 2);
        var gate = Store.HoldNextRead(StoreReads.Streams);
        var reading = HistoryOf("now-cleared").ReadState();
        await gate.Reached;
        await ClearElsewhereAsync(CounterStream("now-cleared"));
        gate.Open();

        var view = await reading;
        Assert.Equal((0, Total(0)), (view.Version.Value, Text(view)));
        Assert.Equal(LogPosition.StartOf(Store.PartitionOf(CounterStream("now-cleared"))), view.Position);
    }

    [Fact]
    public async Task Events_are_read_forward_and_backward_in_pages()
    {
        await AppendAtAsync("pages", Noon, 1, 2, 3, 4, 5);
        var history = HistoryOf("pages");
        async Task<string> PageAsync(StreamVersion from, ReadDirection direction) => string.Join(
            ", ", (await history.ReadEvents(from, 2, direction)).Events.Select(static one => one.Version.Value));

        Assert.Equal("3, 4", await PageAsync(new(2), ReadDirection.Forward));
        Assert.Equal("4, 3", await PageAsync(new(5), ReadDirection.Backward));
        Assert.Equal("5, 4", await PageAsync(new StreamVersion(long.MaxValue), ReadDirection.Backward));
        Assert.Empty((await history.ReadEvents(new(5), 10, ReadDirection.Forward)).Events);
        Assert.Empty((await history.ReadEvents(new(1), 10, ReadDirection.Backward)).Events);
        foreach (var limit in new[] { 0, -1, 1_001 })
            await Assert.ThrowsAsync<ArgumentOutOfRangeException>(
                () => history.ReadEvents(StreamVersion.Zero, limit, ReadDirection.Forward));
    }

    [Fact]
    public async Task The_head_is_read_from_the_store()
    {
        await Counter("head").Add(1);
        await AppendAtAsync("head", Noon, 2, 3);
        Assert.Equal(3, (await HistoryOf("head").ReadHead()).Version.Value);
    }

    [Fact]
    public async Task Asking_for_the_past_changes_nothing_of_the_grain()
    {
        var grain = Counter("untouched");
        await grain.AddAll([1, 2, 3]);
        var before = await grain.Get();
        await HistoryOf("untouched").ReadStateAtVersion(new(1));

        var after = await grain.Get();
        Assert.Equal(
            (before.Total, before.Version, before.StateChanges), (after.Total, after.Version, after.StateChanges));
    }

    [Fact]
    public async Task A_grain_that_is_not_on_Granary_fails_with_that_reason()
    {
        var history = Cluster.Client.GetGrain<IPlainGrain>("plain").AsReference<IHistoryExtension>();
        var error = await Assert.ThrowsAsync<NotOnGranaryException>(() => history.ReadState());
        Assert.Contains("plain", error.Grain);
        await Assert.ThrowsAsync<NotOnGranaryException>(() => history.ReadHead());
        await Assert.ThrowsAsync<NotOnGranaryException>(() => history.ReadStateAtVersion(StreamVersion.Zero));
    }

    private IHistoryExtension HistoryOf(string key) => Counter(key).AsReference<IHistoryExtension>();

    private async Task<(long Version, string State)> AtAsync(string key, DateTimeOffset instant)
    {
        var view = await HistoryOf(key).ReadStateAtInstant(instant);
        return (view.Version.Value, Text(view));
    }

    private async Task AppendAtAsync(string key, DateTimeOffset timestamp, params int[] amounts)
    {
        var events = amounts.Select(amount => new NewEvent(
            Guid.CreateVersion7(timestamp), "test.added", Encoding.UTF8.GetBytes($$"""{"amount":{{amount}}}""")));
        var append = new Append(
            CounterStream(key), ExpectedVersion.Any, AppendId.New(TimeProvider.System), events.ToArray());
        Assert.Equal(AppendOutcome.Appended, (await Store.CommitAsync(append, timestamp, Token)).Outcome);
    }

    private async Task WriteSnapshotAsync(
        string key, long version, int total, DateTimeOffset? latest = null, string? fault = null)
    {
        var services = Cluster.Silos[0].ServiceProvider;
        var encoded = services.GetRequiredService<IStateCodec<CounterState>>()
            .TryEncode(new CounterState { Total = total })!.Value;
        var state = encoded.Payload;
        var payload = new byte[sizeof(int) + state.Length];
        BinaryPrimitives.WriteInt32LittleEndian(payload, state.Length);
        state.CopyTo(payload, sizeof(int));

        var stored = await StoredAsync(CounterStream(key));
        var position = stored[(int)Math.Min(version, stored.Count) - 1].Position;
        if (fault == "position") position = position with { Position = new(position.Position.Value + 1_000) };
        var code = FoldFingerprint.Of(
            typeof(CounterGrain), new object(), services.GetRequiredService<IEventCodec<ICounterEvent>>());
        var fingerprint = fault == "fingerprint"
            ? "of another shape"
            : Runtime.Snapshots.Fingerprint(
                encoded.Fingerprint, Runtime.Snapshots.Fold(code, GrainType.Create("counter")));
        var snapshot = Runtime.Snapshots.Seal(
            CounterStream(key), new(new(version), position, latest ?? Noon), fingerprint, payload);
        if (fault == "checksum") payload[^1] ^= 1;
        await Snapshots.WriteSnapshotAsync(snapshot, Token);
    }

    private static string Text(StateView view) => Encoding.UTF8.GetString(view.Json);

    private static string Total(int total) => $$"""{"total":{{total}}}""";
}

/// <summary>A grain that keeps no events anywhere.</summary>
[Alias("test.IPlainGrain")]
public interface IPlainGrain : IGrainWithStringKey;

[GrainType("plain")]
public sealed class PlainGrain : Grain, IPlainGrain;
