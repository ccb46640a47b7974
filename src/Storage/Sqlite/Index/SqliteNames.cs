using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;

namespace Granary.Storage.Sqlite;

/// <summary>An event type as the log refers to it.</summary>
internal readonly record struct StoredType(string Name, int SchemaVersion, string ContentType)
{
    /// <summary>A hash of all of it.</summary>
    public long Hash()
    {
        var hash = new XxHash3();
        hash.Append(Encoding.UTF8.GetBytes(Name));
        hash.Append(NameHash.Separator);
        hash.Append(Encoding.UTF8.GetBytes(ContentType));
        Span<byte> version = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(version, SchemaVersion);
        hash.Append(version);
        return unchecked((long)hash.GetCurrentHashAsUInt64());
    }
}

/// <summary>
/// The number of an event type in the log, and the hash of its name, schema version and content type.
/// </summary>
internal readonly record struct TypeNumber(long Id, long Hash);

/// <summary>A stream, its number in the log, and the hash of its name.</summary>
internal readonly record struct StreamNumber(StreamName Name, long Id, long Hash)
{
    public static StreamNumber Of(StreamName name, long id) => new(name, id, NameHash.Of(name));
}

/// <summary>An event type, and the hash of it. An object, as each event that is read looks it up.</summary>
internal sealed record HashedType(StoredType Type, long Hash)
{
    public static HashedType Of(StoredType type) => new(type, type.Hash());
}

/// <summary>The hash of a stream's name.</summary>
internal static class NameHash
{
    /// <summary>A byte that UTF-8 never has.</summary>
    public static ReadOnlySpan<byte> Separator => [0xFF];

    public static long Of(StreamName name)
    {
        var hash = new XxHash3();
        hash.Append(Encoding.UTF8.GetBytes(name.Category));
        hash.Append(Separator);
        hash.Append(Encoding.UTF8.GetBytes(name.Key));
        return unchecked((long)hash.GetCurrentHashAsUInt64());
    }
}

/// <summary>
/// The numbers that streams and types have in the log. A number never changes once it is committed, so what is found
/// may be cached; what a transaction adds is cached only after its commit.
/// </summary>
internal sealed class SqliteNames
{
    // What an entry takes beside the characters of its name: the entry, its nodes, its strings' headers.
    private const int EntryBytes = 180;
    private const long StreamBytesMax = 64 * 1024 * 1024;
    private const long TypeBytesMax = 4 * 1024 * 1024;

    private readonly GenerationCache<StreamName, StreamNumber> _streams =
        new(StreamBytesMax, static (name, _) => BytesOf(name));

    private readonly GenerationCache<long, StreamNumber> _streamNames =
        new(StreamBytesMax, static (_, stream) => BytesOf(stream.Name));

    private readonly GenerationCache<StoredType, TypeNumber> _types =
        new(TypeBytesMax, static (type, _) => BytesOf(type));

    private readonly GenerationCache<long, HashedType> _typeNames =
        new(TypeBytesMax, static (_, type) => BytesOf(type.Type));

    /// <summary>How many streams and types are cached.</summary>
    public int Count => _streams.Count + _streamNames.Count + _types.Count + _typeNames.Count;

    /// <summary>The number of a stream that was looked up before; null where it is not cached.</summary>
    public StreamNumber? KnownStream(StreamName stream) => _streams.TryGet(stream, out var known) ? known : null;

    /// <summary>The number of a stream; null where there is no such stream.</summary>
    public StreamNumber? FindStream(SqliteSession session, StreamName stream)
    {
        if (_streams.TryGet(stream, out var known)) return known;
        if (session.Streams.FindStream(stream) is not { } id) return null;
        var found = StreamNumber.Of(stream, id);
        _streams.Add(stream, found);
        return found;
    }

    /// <summary>The stream of a number; null where there is none.</summary>
    public StreamNumber? StreamOf(SqliteSession session, long id)
    {
        if (_streamNames.TryGet(id, out var known)) return known;
        if (session.Streams.StreamOf(id) is not { } name) return null;
        var found = StreamNumber.Of(name, id);
        _streamNames.Add(id, found);
        return found;
    }

    public TypeNumber? FindType(StoredType type) => _types.TryGet(type, out var known) ? known : null;

    /// <summary>The type of a number; null where there is none.</summary>
    public HashedType? TypeOf(SqliteSession session, long id)
    {
        if (_typeNames.TryGet(id, out var known)) return known;
        if (session.Streams.TypeOf(id) is not { } type) return null;
        var found = HashedType.Of(type);
        _typeNames.Add(id, found);
        return found;
    }

    public void Add(StreamNumber stream) => _streams.Add(stream.Name, stream);

    public void Add(StoredType type, TypeNumber number) => _types.Add(type, number);

    private static int BytesOf(StreamName name) => EntryBytes + 2 * (name.Category.Length + name.Key.Length);

    private static int BytesOf(StoredType type) => EntryBytes + 2 * (type.Name.Length + type.ContentType.Length);
}
