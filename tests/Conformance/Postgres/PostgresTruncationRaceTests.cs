using System.Globalization;
using System.Text;
using Granary.Storage.Postgres;
using static Granary.Tests.Conformance.Postgres.PostgresData;

namespace Granary.Tests.Conformance.Postgres;

/// <summary>
/// Appends, truncations, clearings, snapshots, scrubbing and reads of two processes at once leave one history.
/// </summary>
public sealed class PostgresTruncationRaceTests : PostgresTest
{
    private const int Appends = 120;
    private const int ClearedEvery = 40;

    private static readonly StreamName Stream = new("order", "a");
    private static readonly LogPartition Partition = new(0);

    // Odd while the stream is being cleared.
    private int _clearings;

    [Fact]
    public async Task What_is_removed_is_gone_and_what_is_not_is_whole()
    {
        var (one, other) = (await Data.OpenAsync(), await Data.OpenAsync());
        await CommitAsync(one, Data.Append("a", ExpectedVersion.NoStream, "first"));
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(Token);
        Task[] beside =
        [
            UntilAsync(ended.Token, () => TruncateAsync(other)), UntilAsync(ended.Token, () => ReadAsync(one)),
            UntilAsync(ended.Token, () => other.ScrubAsync(3, Token).AsTask()),
            UntilAsync(ended.Token, () => one.ScrubAsync(5, Token).AsTask()),
            UntilAsync(ended.Token, () => WriteSnapshotAsync(one)),
        ];
        for (var at = 1; at <= Appends; at++)
        {
            var text = at.ToString(CultureInfo.InvariantCulture);
            await CommitAsync(at % 2 == 0 ? one : other, Data.Append("a", ExpectedVersion.Any, text, text));
            if (at % ClearedEvery != 0 || at == Appends) continue;
            Interlocked.Increment(ref _clearings);
            await CommitAsync(one, Data.Clear("a"));
            Interlocked.Increment(ref _clearings);
        }

        await ended.CancelAsync();
        await Task.WhenAll(beside);

        while (await one.ScrubAsync(100, Token)) Token.ThrowIfCancellationRequested();
        await AssertWholeAsync(one);
    }

    private async Task AssertWholeAsync(PostgresEventStore store)
    {
        var log = (await store.ReadLogAsync(LogPosition.StartOf(Partition), LogFilter.All, 1_000, Token)).Events;
        var cleared = log.Last(static one => one.Type == EventTypes.StreamCleared).Position;
        var head = await store.ReadHeadAsync(Stream, Token);
        var begins = log.Single(one => one.Position.Position > cleared.Position && one.Version == head.First).Position;

        Assert.Equal(Enumerable.Range(1, log.Count), log.Select(static one => (int)one.Position.Position.Value));
        Assert.Equal(log[^1].Position, head.Position);
        Assert.All(log, one => Assert.Equal(one.Position.Position < begins.Position, one.IsTombstone));
        Assert.All(log, static one => Assert.Equal(one.IsTombstone, one.Payload.IsEmpty));
        Assert.Equal(log.Count(one => !one.IsTombstone), await Data.ScalarAsync<long>(
            "SELECT count(*) FROM {schema}.log WHERE payload <> ''"));
        Assert.Equal(0L, await Data.ScalarAsync<long>(
            $"SELECT count(*) FROM {{schema}}.snapshots WHERE position < {begins.Position.Value}"));
        if (head.First.Value > 1)
        {
            var kept = await new PostgresSnapshotStore(store).ReadSnapshotAsync(Stream, head.First, null, Token);
            Assert.Equal((head.First, begins), (kept!.Version, kept.Position));
            Assert.Equal("base", Encoding.UTF8.GetString(kept.Payload.Span));
        }

        Assert.InRange(
            await Data.ScalarAsync<long>("SELECT count(*) FROM {schema}.truncations"), 0, Appends / ClearedEvery);
    }

    private static async Task UntilAsync(CancellationToken ended, Func<Task> run)
    {
        while (!ended.IsCancellationRequested) await run();
    }

    // Keeps the last event alone; false where it is cleared meanwhile.
    private async Task TruncateAsync(PostgresEventStore store)
    {
        var clearings = Volatile.Read(ref _clearings);
        var head = await store.ReadHeadAsync(Stream, Token);
        if (head.Version == StreamVersion.Zero) return;
        var removed = await store.TruncateAsync(
            new Truncation(Stream, head.Version, head.Position, SnapshotOf(head, "base")), Token);
        var now = await store.ReadHeadAsync(Stream, Token);
        Assert.True(now.Version == StreamVersion.Zero || now.First.Value <= now.Version.Value);
        if (clearings % 2 != 0 || Volatile.Read(ref _clearings) != clearings) return;
        Assert.True(removed);
        Assert.True(now.First.Value >= head.Version.Value);
    }

    private static async Task WriteSnapshotAsync(PostgresEventStore store)
    {
        var head = await store.ReadHeadAsync(Stream, Token);
        if (head.Version == StreamVersion.Zero) return;
        await new PostgresSnapshotStore(store).WriteSnapshotAsync(SnapshotOf(head, "late"), Token);
    }

    private static Snapshot SnapshotOf(StreamHead head, string state) => new()
    {
        Stream = Stream,
        Version = head.Version,
        Position = head.Position,
        Timestamp = Noon,
        Fingerprint = "f",
        Checksum = 1,
        Payload = Encoding.UTF8.GetBytes(state),
    };

    private static async Task ReadAsync(PostgresEventStore store)
    {
        var after = 0L;
        try
        {
            await foreach (var recorded in store.ReadStreamAsync(Stream, default, Token))
            {
                Assert.Equal(++after, recorded.Version.Value);
                Assert.False(recorded.IsTombstone);
                Assert.NotEqual("", Encoding.UTF8.GetString(recorded.Payload.Span));
            }
        }
        catch (StreamTruncatedException fault)
        {
            Assert.Equal(after + 1, fault.Requested.Value);
            Assert.True(fault.First.Value > after + 1);
        }
        catch (StoreUnavailableException fault)
        {
            Assert.Contains("was cleared while it was read", fault.Message, StringComparison.Ordinal);
        }
    }
}
