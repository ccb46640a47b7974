namespace Granary.Benchmarks;

/// <summary>Writes events into a store in batches, as grains would.</summary>
internal static class Filling
{
    private const int EventsPerAppend = 1_000;

    /// <summary>Adds so many events to a stream that is at a version.</summary>
    public static async Task AddAsync(IEventStore store, StreamName stream, int events, long at = 0)
    {
        while (events > 0)
        {
            var some = Math.Min(events, EventsPerAppend);
            var batch = new AppendBatch(store.PartitionOf(stream), Now, [Append(stream, at, some)]);
            await CommitAsync(store, batch);
            (events, at) = (events - some, at + some);
        }
    }

    /// <summary>An append of so many events after a version, and after its position where that is known.</summary>
    public static Append Append(StreamName stream, long version, int events, long position = 0)
    {
        var appended = new NewEvent[events];
        for (var at = 0; at < events; at++)
            appended[at] = new NewEvent(Guid.CreateVersion7(Now), Noted.TypeName, Noted.Json);
        var expected = version == 0 ? ExpectedVersion.NoStream : ExpectedVersion.Exactly(
            new StreamVersion(version), new GlobalPosition(position));
        return new Append(stream, expected, AppendId.New(TimeProvider.System), appended);
    }

    /// <summary>Commits, and throws unless every append landed.</summary>
    public static async Task CommitAsync(IEventStore store, AppendBatch batch)
    {
        await store.CommitAsync(batch, CancellationToken.None);
        foreach (var result in batch.Results)
        {
            if (result.Outcome != AppendOutcome.Appended)
                throw new InvalidDataException($"An append was answered {result.Outcome} at {result.Version}.");
        }
    }

    public static DateTimeOffset Now => TimeProvider.System.GetUtcNow();
}
