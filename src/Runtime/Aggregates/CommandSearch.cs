namespace Granary.Runtime;

/// <summary>Looks for a command that a grain does not keep any more in the metadata of the stream's events.</summary>
internal static class CommandSearch
{
    /// <summary>How far the clocks of two silos may be apart.</summary>
    public static readonly TimeSpan ClockDifferenceMax = TimeSpan.FromMinutes(1);

    // In most cases little has happened since.
    private const int FirstPageEvents = 32;
    private const int PageEventsMax = 512;

    /// <summary>
    /// The command with an id that was done after a time; null where there is none. The newest events are read first,
    /// and nothing of them is kept.
    /// </summary>
    /// <exception cref="StreamTruncatedException">
    /// Events after that time were removed, and it is not among those that are left: it may have been done.
    /// </exception>
    /// <exception cref="StoreUnavailableException">The store cannot be read now.</exception>
    public static async ValueTask<RememberedCommand?> FindAsync(
        IEventStore store, StreamName stream, string id, DateTimeOffset causedAt, CancellationToken cancellationToken)
    {
        var since = causedAt - DateTimeOffset.MinValue > ClockDifferenceMax
            ? causedAt - ClockDifferenceMax
            : DateTimeOffset.MinValue;
        var head = await store.ReadHeadAsync(stream, cancellationToken);
        var first = Math.Max(1, head.First.Value);
        var page = FirstPageEvents;
        for (var before = head.Version.Value + 1; before > first; page = Math.Min(2 * page, PageEventsMax))
        {
            var from = Math.Max(first, before - page);
            var oldest = DateTimeOffset.MaxValue;
            await foreach (var recorded in store.ReadStreamAsync(stream, new(from - 1), cancellationToken))
            {
                if (recorded.Version.Value >= before) break;
                if (CommandMemory.Read(recorded.Metadata) is { } found && found.Id == id) return found;
                if (recorded.Version.Value == from) oldest = recorded.Timestamp;
            }

            // Within a stream, recorded time never goes back.
            if (oldest < since) return null;
            before = from;
        }

        return first == 1 ? null : throw new StreamTruncatedException(
            stream, new(first - 1), head.First,
            $"So whether command {id} was done before is not known any more. Find that out otherwise, do by hand what "
            + "is missing, and drop what is parked of the process that sends it.");
    }
}
