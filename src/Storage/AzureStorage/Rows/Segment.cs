using System.Text;

namespace Granary.Storage.AzureStorage;

/// <summary>
/// The events of one append as they are stored, or the marker of a clearing, which has version 0. Adjacent in the
/// stream and in the partition, and recorded at one instant.
/// </summary>
/// <param name="Stream">The stream.</param>
/// <param name="First">The version of the first event.</param>
/// <param name="Position">The position of the first event.</param>
/// <param name="Time">When they were recorded, in ticks.</param>
/// <param name="AppendId">The id of the append.</param>
/// <param name="Events">The events.</param>
internal sealed record Segment(
    StreamName Stream, long First, long Position, long Time, Guid AppendId, IReadOnlyList<StoredEvent> Events)
{
    private const byte Format = 1;

    /// <summary>The version of the last event.</summary>
    public long Last => First == 0 ? 0 : First + Events.Count - 1;

    /// <summary>The position of the last event.</summary>
    public long LastPosition => Position + Events.Count - 1;

    public byte[] ToBytes()
    {
        using var buffer = new MemoryStream();
        using (var writer = new BinaryWriter(buffer, Encoding.UTF8, leaveOpen: true))
        {
            writer.Write(Format);
            writer.Write(Stream.ToString());
            writer.Write7BitEncodedInt64(First);
            writer.Write7BitEncodedInt64(Position);
            writer.Write(Time);
            writer.Write(AppendId.ToByteArray());
            writer.Write7BitEncodedInt(Events.Count);
            foreach (var one in Events) one.Write(writer, AppendId);
        }

        return BytesSum.Add(buffer);
    }

    /// <exception cref="StoreCorruptException">The bytes are no segment.</exception>
    public static Segment Read(byte[] bytes)
    {
        try
        {
            using var buffer = BytesSum.Open(bytes);
            using var reader = new BinaryReader(buffer, Encoding.UTF8);
            if (reader.ReadByte() is var format && format != Format) throw new StoreCorruptException(
                $"Events are stored in format {format}, which this version of Granary does not know.");
            var stream = StreamName.Parse(reader.ReadString());
            var (first, position) = (reader.Read7BitEncodedInt64(), reader.Read7BitEncodedInt64());
            var (time, append) = (reader.ReadInt64(), new Guid(reader.ReadBytes(16)));
            var events = new StoredEvent[reader.Read7BitEncodedInt()];
            for (var at = 0; at < events.Length; at++) events[at] = StoredEvent.Read(reader, append);
            return new Segment(stream, first, position, time, append, events);
        }
        catch (Exception fault) when (fault is IOException or ArgumentException or FormatException)
        {
            throw new StoreCorruptException(
                "Stored events cannot be read: their bytes are damaged. Restore the tables from a backup.", fault);
        }
    }

    /// <summary>The same, without the content of the events up to a version.</summary>
    public Segment WithoutContent(long from, long through) => this with
    {
        Events = [.. Events.Select((one, at) => First + at >= from && First + at <= through ? one.Removed() : one)],
    };

    /// <summary>An event as it is read.</summary>
    /// <param name="at">Its index.</param>
    /// <param name="partition">The partition.</param>
    /// <param name="isRemoved">Whether it was removed and not scrubbed yet.</param>
    public RecordedEvent ToRecorded(int at, LogPartition partition, bool isRemoved)
    {
        var stored = isRemoved ? Events[at].Removed() : Events[at];
        return new RecordedEvent
        {
            Stream = Stream,
            Version = new(First == 0 ? 0 : First + at),
            Position = new(partition, new(Position + at)),
            Id = stored.Id,
            AppendId = new(AppendId),
            Type = stored.Type,
            SchemaVersion = stored.SchemaVersion,
            Timestamp = Instants.Of(Time),
            ContentType = stored.ContentType,
            Payload = stored.Payload,
            Metadata = EventMetadata.FromUtf8(stored.Metadata),
        };
    }
}
