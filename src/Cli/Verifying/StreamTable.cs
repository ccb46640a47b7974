using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text;

namespace Granary.Cli;

/// <summary>
/// What a pass through the log has found of each stream. It has a bounded number of streams: where there are more, it
/// keeps those of a range of hashes, and the next pass has the next range.
/// </summary>
/// <param name="begin">The first hash of the range.</param>
/// <param name="countMax">How many streams it has at most; at least 2.</param>
internal sealed class StreamTable(ulong begin, int countMax)
{
    private readonly Dictionary<UInt128, StreamInLog> _streams = [];
    private readonly List<UInt128> _outside = [];

    /// <summary>The last hash of the range.</summary>
    public ulong Last { get; private set; } = ulong.MaxValue;

    /// <summary>The streams that are left.</summary>
    public IReadOnlyCollection<StreamInLog> Left => _streams.Values;

    /// <summary>Whether the table is for a stream.</summary>
    public bool Takes(UInt128 key) => Range(key) >= begin && Range(key) <= Last;

    /// <summary>The key of a stream.</summary>
    public static UInt128 KeyOf(StreamName stream)
    {
        const int longest = (2 * StreamName.PartLengthMax + 1) * 3;
        Span<byte> utf8 = stackalloc byte[longest];
        var length = Encoding.UTF8.GetBytes(stream.Category, utf8);
        utf8[length++] = (byte)'/';
        length += Encoding.UTF8.GetBytes(stream.Key, utf8[length..]);
        return XxHash128.HashToUInt128(utf8[..length]);
    }

    /// <summary>What was found of a stream so far, to be changed in place; the table takes it.</summary>
    public ref StreamInLog Of(UInt128 key) =>
        ref CollectionsMarshal.GetValueRefOrAddDefault(_streams, key, out _);

    /// <summary>Makes space for one more stream, where the table is full: the range becomes smaller.</summary>
    public void Shrink()
    {
        while (_streams.Count >= countMax)
        {
            Last = begin + (Last - begin) / 2;
            _outside.AddRange(_streams.Keys.Where(key => Range(key) > Last));
            foreach (var key in _outside) _streams.Remove(key);
            _outside.Clear();
        }
    }

    /// <summary>Takes a stream out of the table.</summary>
    public StreamInLog? Remove(UInt128 key) => _streams.Remove(key, out var found) ? found : null;

    private static ulong Range(UInt128 key) => (ulong)(key >> 64);
}

/// <summary>What the log has of a stream: of the events since its last clearing.</summary>
internal struct StreamInLog
{
    /// <summary>The position of its last event or clearing.</summary>
    public LogPosition Position;

    /// <summary>The version of its last event.</summary>
    public long Version;

    /// <summary>The first version that is not removed; 0 for none.</summary>
    public long First;

    /// <summary>The position of that event.</summary>
    public long FirstPosition;

    /// <summary>Whether an event is removed after one that is not: the stream is damaged, or was cleared meanwhile.
    /// </summary>
    public bool IsMixed;

    /// <summary>A checksum of the events that are not removed.</summary>
    public ulong Checksum;

    /// <summary>Adds an event that is not removed.</summary>
    public void Add(RecordedEvent one)
    {
        if (First == 0) (First, FirstPosition) = (one.Version.Value, one.Position.Position.Value);
        Checksum = Next(Checksum, one);
    }

    /// <summary>The checksum after one more event.</summary>
    public static ulong Next(ulong checksum, RecordedEvent one)
    {
        var hash = HashCode(one);
        return XxHash3.HashToUInt64(MemoryMarshal.AsBytes((ReadOnlySpan<ulong>)[checksum, hash]));
    }

    private static ulong HashCode(RecordedEvent one)
    {
        var hash = new XxHash3();
        Span<long> numbers =
        [
            one.Position.Position.Value, one.Version.Value, one.SchemaVersion, one.Timestamp.UtcTicks,
        ];
        hash.Append(MemoryMarshal.AsBytes(numbers));
        Span<Guid> ids = [one.Id, one.AppendId.Value];
        hash.Append(MemoryMarshal.AsBytes(ids));
        hash.Append(MemoryMarshal.AsBytes(one.Type.AsSpan()));
        hash.Append(MemoryMarshal.AsBytes(one.ContentType.AsSpan()));
        hash.Append(one.Payload.Span);
        hash.Append(one.Metadata.Utf8.Span);
        return hash.GetCurrentHashAsUInt64();
    }
}
