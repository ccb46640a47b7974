using System.Text;

namespace Granary.Tests.Cli;

public sealed class StoreVerificationTests
{
    private static readonly StreamName Zero = new("orders", "0");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1, 1_000)]
    [InlineData(3, 1_000)]
    [InlineData(3, 2)]
    public async Task Nothing_is_found_in_a_sound_store(int partitions, int streamsMax)
    {
        for (var seed = 0; seed < 20; seed++)
        {
            var store = await Stores.InMemoryAsync(partitions);
            var history = new History(store, seed);
            await history.WriteAsync(200);
            await SnapshotAllAsync(store, history);

            var (findings, verification) = await VerifyAsync(store, streamsMax);

            Assert.Empty(findings);
            Assert.Equal(12, verification.Streams!.Streams);
            Assert.Equal(streamsMax < 12, verification.Passes > 1);
        }
    }

    [Fact]
    public async Task Truncated_streams_are_sound()
    {
        var store = await FilledAsync();

        Assert.Empty((await VerifyAsync(store)).Findings);
    }

    [Fact]
    public async Task An_event_that_cannot_be_read_is_found_and_what_follows_is_checked()
    {
        var bent = new BentStore(await FilledAsync()) { IsDamaged = static at => at is 7 or 8 };
        bent.Stream = one => bent.IsDamaged(one.Position.Position.Value)
            ? throw new StoreCorruptException("A page does not match its checksum.")
            : one;

        var (findings, verification) = await VerifyAsync(bent.Open());

        var inLog = findings.Where(one => one.Position is not null).ToList();
        Assert.All(findings, one => Assert.Equal(FindingKinds.Damaged, one.Kind));
        Assert.Equal([7, 8], inLog.Select(one => one.Position!.Value.Position.Value));
        Assert.Equal(verification.Events - 2, verification.Read);
    }

    [Fact]
    public async Task A_gap_in_the_log_is_found() => await AssertFoundAsync(
        static bent => bent.Log = one => one.Position.Position.Value == 5 ? null : one,
        FindingKinds.Log, position: 6, "gap");

    [Fact]
    public async Task An_end_of_the_log_that_is_missing_is_found()
    {
        var store = await FilledAsync();
        var end = await store.EndOfAsync(0, Token);
        var bent = new BentStore(store) { Log = one => one.Position.Position.Value == end ? null : one };

        var (findings, _) = await VerifyAsync(bent.Open());

        Assert.Contains(findings, one => one.Kind == FindingKinds.Log && one.Position!.Value.Position.Value == end);
    }

    [Fact]
    public async Task A_truncated_stream_without_the_snapshot_that_it_begins_with_is_found()
    {
        var store = await Stores.InMemoryAsync(1);
        var history = new History(store, 5, streams: 2);
        await history.WriteAsync(40, clears: false);
        await history.SnapshotAsync(new("orders", "1"), 6);
        await history.TruncateAsync(new("orders", "1"), 5);

        var one = Assert.Single((await VerifyAsync(store)).Findings);

        Assert.Equal((FindingKinds.Snapshot, new StreamName("orders", "1")), (one.Kind, one.Stream));
        Assert.Contains("begins at version 5", one.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_time_that_goes_back_is_found() => await AssertFoundAsync(
        static bent => bent.Log = one => one.Position.Position.Value == 5
            ? BentStore.With(one, timestamp: one.Timestamp.AddDays(-1)) : one,
        FindingKinds.Log, position: 5, "the event before");

    [Fact]
    public async Task A_stream_in_another_partition_is_found()
    {
        var store = await Stores.InMemoryAsync(3);
        await new History(store, 1).WriteAsync(60);
        var other = Enumerable.Range(0, 100).Select(static at => new StreamName("other", $"{at}"))
            .First(name => LogPartition.Of(name, 3).Value == 1);
        var bent = new BentStore(store);
        bent.Log = one => one.Position == new LogPosition(new(0), new(3)) ? BentStore.With(one, stream: other) : one;

        var (findings, _) = await VerifyAsync(bent.Open());

        Assert.Contains(findings, one => one.Kind == FindingKinds.Log && one.Position!.Value.Position.Value == 3);
    }

    [Fact]
    public async Task A_version_that_is_left_out_is_found() => await AssertFoundAsync(
        static bent => bent.Log = one => one is { Version.Value: 4 } && one.Stream == Zero
            ? BentStore.With(one, version: new(5)) : one,
        FindingKinds.Version, position: null, "has version 5");

    [Fact]
    public async Task A_version_of_a_removed_event_that_is_left_out_is_found()
    {
        var store = await Stores.InMemoryAsync(1);
        await new History(store, 4).WriteAsync(200);
        var bent = new BentStore(store);
        bent.Log = one => one.Type == EventTypes.Tombstone && one.Version.Value == 3
            ? BentStore.With(one, version: new(9)) : one;

        var (findings, _) = await VerifyAsync(bent.Open());

        Assert.Contains(findings, static one => one.Kind == FindingKinds.Version);
    }

    [Fact]
    public async Task An_event_that_was_cleared_and_can_be_read_is_found()
    {
        var store = await Stores.InMemoryAsync(1);
        await new History(store, 4).WriteAsync(200);
        var cleared = (await Stores.LogAsync(store, 0)).First(static one => one.Type == EventTypes.StreamCleared);
        var bent = new BentStore(store);
        bent.Log = one => one.Type == EventTypes.Tombstone && one.Stream == cleared.Stream
            ? BentStore.With(one, type: "placed", payload: "{}"u8.ToArray()) : one;

        var (findings, _) = await VerifyAsync(bent.Open());

        Assert.Contains(findings, static one => one.Kind == FindingKinds.Version
            && one.Message.Contains("cleared", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_removed_event_after_one_that_is_there_is_found() => await AssertFoundAsync(
        static bent => bent.Log = one => one is { Version.Value: 5 } && one.Stream == Zero
            ? BentStore.With(one, type: EventTypes.Tombstone, payload: default(ReadOnlyMemory<byte>)) : one,
        FindingKinds.Stream, position: null, "a later one is");

    [Fact]
    public async Task A_head_at_another_version_is_found() => await AssertFoundAsync(
        static bent => bent.Head = head => head.Stream == Zero ? head with { Version = head.Version.Plus(1) } : head,
        FindingKinds.Head, position: null, "ends with version");

    [Fact]
    public async Task A_head_that_begins_too_early_is_found() => await AssertFoundAsync(
        static bent => bent.Head = head => head.First.Value > 1 ? head with { First = head.First.Plus(-1) } : head,
        FindingKinds.Head, position: null, "has removed");

    [Fact]
    public async Task A_stream_that_is_not_listed_is_found() => await AssertFoundAsync(
        static bent => bent.Lists = static name => name != Zero, FindingKinds.Head, position: null, "list of streams");

    [Fact]
    public async Task A_stream_that_the_log_does_not_have_is_found() => await AssertFoundAsync(
        static bent => bent.Log = one => one.Stream == Zero
            ? BentStore.With(one, stream: new("orders", "else")) : one,
        FindingKinds.Head, position: null, "no event of it");

    [Fact]
    public async Task Other_bytes_in_the_stream_than_in_the_log_are_found() => await AssertFoundAsync(
        static bent => bent.Stream = one => one is { Version.Value: 4 } && one.Stream == Zero
            ? BentStore.With(one, payload: "{}"u8.ToArray()) : one,
        FindingKinds.Stream, position: null, "not what the log has");

    [Fact]
    public async Task An_event_that_is_missing_in_the_stream_is_found() => await AssertFoundAsync(
        static bent => bent.Stream = one => one is { Version.Value: 4 } && one.Stream == Zero ? null : one,
        FindingKinds.Stream, position: null, "After version 3");

    [Theory]
    [InlineData("checksum", "checksum")]
    [InlineData("position", "whose event is at")]
    [InlineData("version", "does not have")]
    public async Task A_snapshot_that_does_not_match_is_found(string what, string message)
    {
        var store = await FilledAsync();
        var page = await store.Events.ReadStreamForwardAsync(Zero, default, 10, Token);
        var payload = Encoding.UTF8.GetBytes("state");
        await store.Snapshots.WriteSnapshotAsync(
            new()
            {
                Stream = Zero,
                Version = new(what == "version" ? 4_000 : 4),
                Position = page.Events[what == "position" ? 4 : 3].Position,
                Timestamp = page.Events[3].Timestamp,
                Fingerprint = "shape/fold",
                Checksum = System.IO.Hashing.XxHash64.HashToUInt64(payload) + (what == "checksum" ? 1UL : 0),
                Payload = payload,
            },
            Token);

        var (findings, _) = await VerifyAsync(store);

        var one = Assert.Single(findings);
        Assert.Equal((FindingKinds.Snapshot, Zero), (one.Kind, one.Stream));
        Assert.Contains(message, one.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_cleared_truncated_or_appended_meanwhile_is_no_finding()
    {
        for (var seed = 0; seed < 10; seed++)
        {
            var store = await Stores.InMemoryAsync(1);
            var history = new History(store, seed, streams: 4);
            await history.WriteAsync(1_500, clears: false);
            var bent = new BentStore(store);
            var pages = 0;
            bent.LogRead = async () =>
            {
                if (++pages % 2 == 0) await history.WriteAsync(20);
                if (pages != 2) return;
                var longest = await LongestAsync(store);
                await history.SnapshotAsync(longest, 3);
                await history.TruncateAsync(longest, 3);
            };

            Assert.Empty((await VerifyAsync(bent.Open())).Findings);
        }
    }

    [Fact]
    public async Task It_ends_when_there_are_too_many_findings()
    {
        var store = await Stores.InMemoryAsync(1);
        await new History(store, 1).WriteAsync(1_500);
        var bent = new BentStore(store) { IsDamaged = static _ => true };

        var (findings, verification) = await VerifyAsync(bent.Open());

        Assert.Equal(StoreVerification.FindingsMax, findings.Count);
        Assert.True(verification.IsCutShort);
    }

    private static async Task<StreamName> LongestAsync(OpenedStore store)
    {
        var longest = default(StreamHead);
        await foreach (var name in store.NamesAsync(null, Token))
        {
            var head = await store.Events.ReadHeadAsync(name, Token);
            if (longest is null || head.Version > longest.Version) longest = head;
        }

        return longest!.Stream;
    }

    // Two streams, one of them truncated, with snapshots.
    private static async Task<OpenedStore> FilledAsync()
    {
        var store = await Stores.InMemoryAsync(1);
        var history = new History(store, 5, streams: 2);
        await history.WriteAsync(40, clears: false);
        await history.SnapshotAsync(new("orders", "1"), 6);
        await history.SnapshotAsync(new("orders", "1"), 5);
        await history.TruncateAsync(new("orders", "1"), 5);
        return store;
    }

    private static async Task SnapshotAllAsync(OpenedStore store, History history)
    {
        await foreach (var name in store.NamesAsync(null, Token))
        {
            var head = await store.Events.ReadHeadAsync(name, Token);
            if (head.Version.Value > 1) await history.SnapshotAsync(name, head.Version.Value - 1);
        }
    }

    private static async Task AssertFoundAsync(
        Action<BentStore> bend, string kind, long? position, string message)
    {
        var bent = new BentStore(await FilledAsync());
        bend(bent);

        var (findings, _) = await VerifyAsync(bent.Open());

        Assert.Contains(findings, one => one.Kind == kind
            && (position is null || one.Position!.Value.Position.Value == position)
            && one.Message.Contains(message, StringComparison.Ordinal));
    }

    private static async Task<(List<Finding> Findings, StoreVerification Verification)> VerifyAsync(
        OpenedStore store, int streamsMax = 1_000)
    {
        var findings = new List<Finding>();
        var verification = new StoreVerification(store, findings.Add, streamsMax);
        await verification.RunAsync(Token);
        return (findings, verification);
    }
}
