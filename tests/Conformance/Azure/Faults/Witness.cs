namespace Granary.Tests.Conformance.Azure.Faults;

/// <summary>Compares how writers were answered with what is stored.</summary>
internal static class Witness
{
    public static async Task CheckAsync(
        IEventStore store, IReadOnlyList<Writer> writers, IEnumerable<StreamName> streams, CancellationToken token)
    {
        var log = new List<RecordedEvent>();
        for (var at = 0; at < store.PartitionCount; at++)
        {
            var end = 0L;
            await foreach (var one in store.ReadLogAsync(LogPosition.StartOf(new(at)), token))
            {
                Assert.Equal(++end, one.Position.Position.Value);
                log.Add(one);
            }
        }

        await CheckStreamsAsync(store, log, streams, token);
        CheckAnswers(log, writers);
    }

    // Log and streams are the same, and no event is there twice.
    private static async Task CheckStreamsAsync(
        IEventStore store, List<RecordedEvent> log, IEnumerable<StreamName> streams, CancellationToken token)
    {
        var byStream = log.ToLookup(static one => one.Stream);
        var found = 0;
        foreach (var stream in streams)
        {
            var expected = byStream[stream].ToArray();
            var version = 0L;
            await foreach (var one in store.ReadStreamAsync(stream, StreamVersion.Zero, token))
            {
                Assert.True(version < expected.Length, $"{stream} has an event that is not in the log.");
                var logged = expected[version];
                Assert.Equal((++version, logged.Version.Value), (one.Version.Value, logged.Version.Value));
                Assert.Equal((logged.Id, logged.AppendId, logged.Position), (one.Id, one.AppendId, one.Position));
                Assert.True(logged.Payload.Span.SequenceEqual(one.Payload.Span));
            }

            Assert.Equal(expected.Length, version);
            Assert.Equal(version, (await store.ReadHeadAsync(stream, token)).Version.Value);
            found += expected.Length;
        }

        Assert.Equal(log.Count, found);
        Assert.Equal(log.Count, log.DistinctBy(static one => one.Id).Count());
    }

    private static void CheckAnswers(List<RecordedEvent> log, IReadOnlyList<Writer> writers)
    {
        var stored = log.GroupBy(static one => one.AppendId).ToDictionary(
            static one => one.Key, static one => one.ToArray());
        var ends = stored.Values.Select(static one => (one[^1].Stream, one[^1].Version, one[^1].Position)).ToHashSet();
        var all = writers.SelectMany(static one => one.Told).ToArray();
        foreach (var said in all.Where(static one => one.IsConfirmed)) CheckStored(said, stored);
        foreach (var said in all.Where(static one => !one.IsConfirmed)) CheckRefused(said, stored, ends);

        // Nothing else is there: every commit has ended.
        Assert.Equal(all.Count(static one => one.IsConfirmed), stored.Count);
        foreach (var writer in writers) CheckOrder(writer);
    }

    private static void CheckStored(Said said, Dictionary<AppendId, RecordedEvent[]> stored)
    {
        Assert.True(stored.TryGetValue(said.Append.Id, out var events), $"{said} was confirmed and is not stored.");
        Assert.Equal(said.Append.Events.Select(static one => one.Id), events.Select(static one => one.Id));
        var (first, last) = (events[0], events[^1]);
        Assert.Equal((said.Answer.Version, said.Answer.Position), (last.Version, last.Position));
        Assert.Equal(events.Length - 1, last.Version.Value - first.Version.Value);
        Assert.Equal(events.Length - 1, last.Position.Position.Value - first.Position.Position.Value);
        var expected = said.Append.Expected;
        if (expected.Kind != ExpectedVersionKind.Any)
            Assert.Equal(expected.Version.Value + 1, first.Version.Value);
    }

    // It is not stored, and the stream did end where the answer says, which is not where the append expected it.
    private static void CheckRefused(
        Said said, Dictionary<AppendId, RecordedEvent[]> stored,
        HashSet<(StreamName Stream, StreamVersion Version, LogPosition Position)> ends)
    {
        Assert.False(stored.ContainsKey(said.Append.Id), $"{said} was refused and is stored.");
        Assert.NotEqual(ExpectedVersionKind.Any, said.Append.Expected.Kind);
        var (version, position) = (said.Answer.Version, said.Answer.Position);
        Assert.True(said.Append.Expected.Version != version, $"{said} was refused, and the version was the expected.");
        Assert.True(version == StreamVersion.Zero || ends.Contains((said.Append.Stream, version, position)),
            $"{said}: the stream never ended there.");
    }

    private static void CheckOrder(Writer writer)
    {
        foreach (var partition in writer.Told.Where(static one => one.IsConfirmed)
            .GroupBy(static one => one.Answer.Position.Partition))
        {
            var positions = partition.Select(static one => one.Answer.Position.Position.Value).ToArray();
            Assert.Equal(positions.Order(), positions);
        }
    }
}
