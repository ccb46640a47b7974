namespace Granary;

/// <summary>Cuts what a store reads into pages that are bounded in events and in bytes.</summary>
internal static class EventPages
{
    // A page backward is read in steps of so many events, each twice as long as the one before: large events then cost
    // no more reading than the page holds, about, and small ones few steps.
    private const int FirstStep = 16;

    public static async ValueTask<EventPage> ForwardAsync(IAsyncEnumerable<RecordedEvent> events, int limit)
    {
        var taken = new List<RecordedEvent>(Math.Min(limit, 128));
        var size = 0L;
        await foreach (var recorded in events)
        {
            size += SizeOf(recorded);
            if (taken.Count == limit || (taken.Count > 0 && size > GranaryLimits.PageBytesMax)) return new(taken, true);
            taken.Add(recorded);
        }

        return new(taken, false);
    }

    /// <summary>
    /// The page that ends before a version. Versions have no gaps, so a step backward is one forward from so many
    /// versions earlier, turned round.
    /// </summary>
    public static async ValueTask<EventPage> BackwardAsync(
        IEventStore store, StreamName stream, StreamVersion before, int limit, CancellationToken cancellationToken)
    {
        var head = await store.ReadHeadAsync(stream, cancellationToken);
        var last = Math.Min(before.Value - 1, head.Version.Value);
        var first = Math.Max(1, head.First.Value);
        if (last > 0 && last < first) throw new StreamTruncatedException(stream, new(last), head.First);
        var taken = new List<RecordedEvent>(Math.Min(limit, 128));
        var bytesLeft = (long)GranaryLimits.PageBytesMax;
        for (var step = FirstStep; last >= first && taken.Count < limit; step *= 2)
        {
            var count = (int)Math.Min(Math.Min(step, limit - taken.Count), last - first + 1);
            List<RecordedEvent> newest;
            try
            {
                var events = store.ReadStreamAsync(stream, new(last - count), cancellationToken);
                newest = await NewestAsync(events, count, bytesLeft, keepOne: taken.Count == 0);
            }
            catch (StreamTruncatedException truncated) when (truncated.First.Value > first)
            {
                // It was truncated since the head was read: the page ends at what is left.
                first = truncated.First.Value;
                if (taken.Count == 0 && last < first) throw;
                continue;
            }

            // Where the stream was cleared in between, what is read now is not what comes before.
            if (newest.Count > 0 && !Precedes(newest[0], last, taken)) break;
            taken.AddRange(newest);
            bytesLeft -= newest.Sum(SizeOf);
            last -= newest.Count;
            if (newest.Count < count) break;
        }

        return new(taken, taken.Count > 0 && taken[^1].Version.Value > first);
    }

    // The newest of the next events that fit into the bytes, newest first. What does not fit is dropped while reading.
    private static async ValueTask<List<RecordedEvent>> NewestAsync(
        IAsyncEnumerable<RecordedEvent> events, int count, long bytesLeft, bool keepOne)
    {
        var window = new Queue<RecordedEvent>();
        var (size, read) = (0L, 0);
        await foreach (var recorded in events)
        {
            window.Enqueue(recorded);
            size += SizeOf(recorded);
            while (size > bytesLeft && window.Count > (keepOne ? 1 : 0)) size -= SizeOf(window.Dequeue());
            if (++read == count) break;
        }

        var newest = window.ToList();
        newest.Reverse();
        return newest;
    }

    private static bool Precedes(RecordedEvent newest, long last, List<RecordedEvent> taken) =>
        newest.Version.Value == last
        && (taken.Count == 0 || newest.Position.Position < taken[^1].Position.Position);

    private static long SizeOf(RecordedEvent recorded) => recorded.Payload.Length + recorded.Metadata.Utf8.Length;
}
