namespace Granary.Runtime;

/// <summary>From where on a stream's events are there.</summary>
/// <param name="First">The position of the first event; where there is none, the one after the clearing.</param>
/// <param name="Base">
/// The version of the first event, where those before it were truncated: what takes their place is a snapshot of that
/// version. Else 0.
/// </param>
/// <param name="IsWhole">Whether it has events, and none of them were truncated.</param>
internal readonly record struct StreamBounds(long First, long Base, bool IsWhole)
{
    // A stream that is cleared or truncated each time that it is read is one that nobody reads.
    private const int AttemptsMax = 8;

    /// <summary>Whether a snapshot may be kept. One whose event is there may be.</summary>
    /// <param name="snapshot">The snapshot.</param>
    /// <param name="clearedBefore">The position before which the stream is known to have been cleared.</param>
    public bool Allow(StoredSnapshot snapshot, long clearedBefore) => snapshot.EventId is not null
        ? snapshot.Position >= First
        : snapshot.Position >= Math.Max(IsWhole ? 0 : First, clearedBefore);

    /// <summary>Reads them.</summary>
    /// <exception cref="StoreUnavailableException">The store cannot be reached now.</exception>
    public static async ValueTask<StreamBounds> ReadAsync(
        IEventStore events, StreamName stream, CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < AttemptsMax; attempt++)
        {
            var head = await events.ReadHeadAsync(stream, cancellationToken);
            var position = head.Position.Position.Value;
            if (head.Version == StreamVersion.Zero) return new(position == 0 ? 0 : position + 1, 0, IsWhole: false);
            if (await FindAsync(events, stream, head.First.Value, cancellationToken) is { } first)
                return new(
                    first.Position.Position.Value, head.First.Value > 1 ? head.First.Value : 0, head.First.Value == 1);
        }

        throw new StoreUnavailableException($"Stream {stream} is cleared again and again. Try again.");
    }

    /// <summary>The event of a version; null where there is none, or where it was removed.</summary>
    /// <exception cref="StoreUnavailableException">The store cannot be reached now.</exception>
    public static async ValueTask<RecordedEvent?> FindAsync(
        IEventStore events, StreamName stream, long version, CancellationToken cancellationToken)
    {
        if (version < 1) return null;
        try
        {
            var page = await events.ReadStreamForwardAsync(stream, new(version - 1), 1, cancellationToken);
            return page.Events is [var found] ? found : null;
        }
        catch (StreamTruncatedException)
        {
            return null;
        }
    }
}
