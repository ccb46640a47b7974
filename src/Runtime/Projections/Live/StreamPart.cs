using System.Runtime.CompilerServices;

namespace Granary.Runtime;

/// <summary>The events of a stream from its first one on, up to a position, of a bounded number.</summary>
/// <param name="store">Where they are.</param>
/// <param name="stream">The stream.</param>
/// <param name="through">The last position that is read; null for the stream's end.</param>
/// <param name="eventsMax">How many there may be.</param>
internal sealed class StreamPart(IEventStore store, StreamName stream, GlobalPosition? through, int eventsMax)
{
    private const string Advice = "Register the projection as a stored one, with AddProjection.";

    /// <summary>How many events were read.</summary>
    public int Count { get; private set; }

    /// <summary>
    /// Checks how many events the stream has, so that none of a stream is read that has too many. Those that are
    /// appended meanwhile are counted as they are read.
    /// </summary>
    /// <exception cref="LimitExceededException">They are too many.</exception>
    public async ValueTask CheckLengthAsync(CancellationToken cancellationToken)
    {
        var head = await store.ReadHeadAsync(stream, cancellationToken);
        Check(head.Version.Value - Math.Max(0, head.First.Value - 1));
    }

    /// <summary>Reads the events, a page of the store in memory at a time.</summary>
    /// <exception cref="LimitExceededException">They are too many.</exception>
    /// <exception cref="StreamTruncatedException">The first ones were removed.</exception>
    public async IAsyncEnumerable<RecordedEvent> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var recorded in store.ReadStreamAsync(stream, StreamVersion.Zero, cancellationToken))
        {
            if (recorded.Position.Position > through) yield break;
            Check(++Count);
            yield return recorded;
        }
    }

    private void Check(long count) => LimitExceededException.ThrowIfOver(
        eventsMax, count, $"number of events of {stream}", Advice);
}
