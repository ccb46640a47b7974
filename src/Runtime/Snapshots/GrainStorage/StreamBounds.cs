namespace Granary.Runtime;

/// <summary>From where on a stream's events are there.</summary>
/// <param name="Floor">The first position that a snapshot of the stream may have.</param>
/// <param name="Base">
/// The version of the first event, where those before it were truncated: what takes their place is a snapshot of that
/// version. Else 0.
/// </param>
internal readonly record struct StreamBounds(long Floor, long Base)
{
    // A stream that is cleared or truncated each time that it is read is one that nobody reads.
    private const int AttemptsMax = 8;

    /// <summary>Reads them.</summary>
    /// <exception cref="StoreUnavailableException">The store cannot be reached now.</exception>
    public static async ValueTask<StreamBounds> ReadAsync(
        IEventStore events, StreamName stream, CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < AttemptsMax; attempt++)
        {
            var head = await events.ReadHeadAsync(stream, cancellationToken);
            var position = head.Position.Position.Value;
            if (head.Version == StreamVersion.Zero) return new(position == 0 ? 0 : position + 1, 0);
            if (await FindAsync(events, stream, head.First.Value, cancellationToken) is { } first)
                return new(first.Position.Position.Value, head.First.Value > 1 ? head.First.Value : 0);
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
