using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Granary.Runtime;

/// <summary>
/// Some events of a stream as they were recorded, with what they decode to. Decoding takes most of a replay's time, so
/// a long stream's next chunk is decoded on another thread while the last one is folded.
/// </summary>
internal sealed class EventChunk<TEvent>
    where TEvent : class
{
    private const int EventsMax = 256;
    private const int BytesMax = 1024 * 1024;

    private readonly List<RecordedEvent> _recorded = [];
    private readonly List<TEvent> _decoded = [];
    private readonly List<int> _ends = [];
    private long _bytes;

    private EventChunk()
    {
    }

    public int Count => _recorded.Count;

    public RecordedEvent this[int at] => _recorded[at];

    private bool IsFull => Count >= EventsMax || _bytes >= BytesMax;

    /// <summary>Reads a stream chunk by chunk.</summary>
    /// <param name="events">The stream, from any version on.</param>
    /// <param name="codec">What decodes; used on several threads.</param>
    /// <param name="after">Events up to this version are known, and are not decoded.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="ReplayFailedException">
    /// An event cannot be decoded; the chunks before its own were given.
    /// </exception>
    public static async IAsyncEnumerable<EventChunk<TEvent>> ReadAsync(
        IAsyncEnumerable<RecordedEvent> events, IEventCodec<TEvent> codec, long after,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var chunk = new EventChunk<TEvent>();
        Task<EventChunk<TEvent>>? decoding = null;
        try
        {
            await foreach (var recorded in events.WithCancellation(cancellationToken))
            {
                chunk._recorded.Add(recorded);
                chunk._bytes += recorded.Payload.Length;
                if (!chunk.IsFull) continue;
                var (full, before) = (chunk, decoding);
                decoding = Task.Run(() => full.Decode(codec, after), CancellationToken.None);
                chunk = new EventChunk<TEvent>();
                if (before is not null) yield return await before;
            }

            if (decoding is not null) yield return await decoding;
            decoding = null;
            if (chunk.Count > 0) yield return chunk.Decode(codec, after);
        }
        finally
        {
            if (decoding is not null)
                await ((Task)decoding).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>What an event decodes to: none, one or several events of today.</summary>
    public Span<TEvent> EventsOf(int at)
    {
        var start = at == 0 ? 0 : _ends[at - 1];
        return CollectionsMarshal.AsSpan(_decoded)[start.._ends[at]];
    }

    private EventChunk<TEvent> Decode(IEventCodec<TEvent> codec, long after)
    {
        foreach (var recorded in _recorded)
        {
            if (recorded.Version.Value > after) codec.Decode(recorded, _decoded);
            _ends.Add(_decoded.Count);
        }

        return this;
    }
}
