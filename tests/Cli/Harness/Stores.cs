using Granary.Runtime;

namespace Granary.Tests.Cli;

/// <summary>Stores for tests, and what has to be the same in two of them.</summary>
internal static class Stores
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>An empty store in memory.</summary>
    public static async Task<OpenedStore> InMemoryAsync(int partitions, string name = "memory")
    {
        var snapshots = new MemorySnapshotStore();
        var events = new MemoryEventStore(partitions, snapshots);
        return new()
        {
            Name = name,
            Description = await events.InitializeAsync(Token),
            Events = events,
            Snapshots = snapshots,
            Checkpoints = new MemoryCheckpointStore(),
            Tail = events,
            Streams = events,
        };
    }

    /// <summary>All events of a partition.</summary>
    public static async Task<List<RecordedEvent>> LogAsync(OpenedStore store, int partition)
    {
        var events = new List<RecordedEvent>();
        await foreach (var one in store.Events.ReadLogAsync(LogPosition.StartOf(new(partition)), Token))
            events.Add(one);
        return events;
    }

    /// <summary>Fails where the target is no complete copy.</summary>
    public static async Task AssertCopyAsync(OpenedStore source, OpenedStore target, bool sameTimes = true)
    {
        await AssertLogsAsync(source, target, sameTimes);
        await foreach (var stream in source.NamesAsync(null, Token))
        {
            var (there, here) = (await source.Events.ReadHeadAsync(stream, Token),
                await target.Events.ReadHeadAsync(stream, Token));
            Assert.Equal((there.Version, there.First), (here.Version, here.First));
            Assert.Equal(await StreamAsync(source, there), await StreamAsync(target, here));
        }

        Assert.Empty(await target.Checkpoints.ReadAllAsync(Token));
    }

    /// <summary>Fails where the target has other events.</summary>
    public static async Task AssertLogsAsync(OpenedStore source, OpenedStore target, bool sameTimes = true)
    {
        var keepsPositions = source.Description.PartitionCount == target.Description.PartitionCount;
        Assert.Equal(
            await TextsAsync(source, keepsPositions, sameTimes), await TextsAsync(target, keepsPositions, sameTimes));
    }

    /// <summary>The events of each stream as texts, or with their positions where these have to be the same.</summary>
    private static async Task<List<string>> TextsAsync(OpenedStore store, bool withPositions, bool withTimes)
    {
        var texts = new List<string>();
        for (var at = 0; at < store.Description.PartitionCount; at++)
        {
            foreach (var one in await LogAsync(store, at))
            {
                texts.Add(
                    (withPositions ? $"{one.Position} " : "") + (withTimes ? $"{one.Timestamp:O} " : "")
                    + $"{one.Stream} {one.Version} {one.Id} {one.AppendId} {one.Type} {one.SchemaVersion} "
                    + $"{one.ContentType} {Convert.ToHexString(one.Payload.Span)} {one.Metadata}");
            }
        }

        return withPositions ? texts : [.. texts.Order(StringComparer.Ordinal)];
    }

    private static async Task<List<Guid>> StreamAsync(OpenedStore store, StreamHead head)
    {
        var ids = new List<Guid>();
        if (head.Version == StreamVersion.Zero) return ids;
        await foreach (var one in store.Events.ReadStreamAsync(
            head.Stream, new(Math.Max(0, head.First.Value - 1)), Token)) ids.Add(one.Id);
        return ids;
    }
}
