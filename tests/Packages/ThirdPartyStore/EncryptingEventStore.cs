using System.Runtime.CompilerServices;
using Granary;

namespace ThirdPartyStore;

/// <summary>
/// A store that keeps payloads encrypted in another store. An exclusive or replaces the cipher: what matters here is
/// that the store is written against the packages alone.
/// </summary>
public sealed class EncryptingEventStore(IEventStore inner, byte key) : IEventStore
{
    public int PartitionCount => inner.PartitionCount;

    public ValueTask<StoreDescription> InitializeAsync(CancellationToken cancellationToken) =>
        inner.InitializeAsync(cancellationToken);

    public async ValueTask CommitAsync(AppendBatch batch, CancellationToken cancellationToken)
    {
        var hidden = new AppendBatch(batch.Partition, batch.Timestamp, batch.Appends.Select(Hide).ToArray());
        await inner.CommitAsync(hidden, cancellationToken);
        for (var at = 0; at < batch.Appends.Count; at++) batch.SetResult(at, hidden.Results[at]);
    }

    public ValueTask<StreamHead> ReadHeadAsync(StreamName stream, CancellationToken cancellationToken) =>
        inner.ReadHeadAsync(stream, cancellationToken);

    public IAsyncEnumerable<RecordedEvent> ReadStreamAsync(
        StreamName stream, StreamVersion after, CancellationToken cancellationToken) =>
        RevealAsync(inner.ReadStreamAsync(stream, after, cancellationToken), cancellationToken);

    public async ValueTask<LogPage> ReadLogAsync(
        LogPosition after, LogFilter filter, int limit, CancellationToken cancellationToken)
    {
        var page = await inner.ReadLogAsync(after, filter, limit, cancellationToken);
        return page with { Events = page.Events.Select(Reveal).ToArray() };
    }

    public ValueTask<bool> TruncateAsync(Truncation truncation, CancellationToken cancellationToken) =>
        inner.TruncateAsync(truncation, cancellationToken);

    public ValueTask<bool> ScrubAsync(int eventsMax, CancellationToken cancellationToken) =>
        inner.ScrubAsync(eventsMax, cancellationToken);

    private Append Hide(Append append) => append.ClearsStream
        ? append
        : new Append(append.Stream, append.Expected, append.Id, append.Events.Select(Hide).ToArray())
        {
            RecordedAt = append.RecordedAt,
        };

    private NewEvent Hide(NewEvent one) => new(one.Id, one.Type, Cipher(one.Payload))
    {
        SchemaVersion = one.SchemaVersion,
        ContentType = one.ContentType,
        Metadata = one.Metadata,
    };

    private async IAsyncEnumerable<RecordedEvent> RevealAsync(
        IAsyncEnumerable<RecordedEvent> events, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var one in events.WithCancellation(cancellationToken))
            yield return Reveal(one);
    }

    private RecordedEvent Reveal(RecordedEvent one) => new()
    {
        Stream = one.Stream,
        Version = one.Version,
        Position = one.Position,
        Id = one.Id,
        AppendId = one.AppendId,
        Type = one.Type,
        SchemaVersion = one.SchemaVersion,
        Timestamp = one.Timestamp,
        ContentType = one.ContentType,
        Payload = Cipher(one.Payload),
        Metadata = one.Metadata,
    };

    private byte[] Cipher(ReadOnlyMemory<byte> payload)
    {
        var result = payload.ToArray();
        for (var at = 0; at < result.Length; at++) result[at] ^= key;
        return result;
    }
}
