using System.Collections.Concurrent;

namespace Granary.Storage.Sqlite;

/// <summary>An event type as the log refers to it.</summary>
internal readonly record struct StoredType(string Name, int SchemaVersion, string ContentType);

/// <summary>A stream and its number in the log.</summary>
internal readonly record struct StreamNumber(StreamName Name, long Id);

/// <summary>
/// The numbers that streams and types have in the log. A number never changes once it is committed, so what is found
/// may be kept; what a transaction makes is kept only after its commit.
/// </summary>
internal sealed class SqliteNames
{
    private const int StreamsKeptMax = 400_000;

    private readonly GenerationCache<StreamName, long> _streams = new(StreamsKeptMax);
    private readonly GenerationCache<long, StreamName> _streamNames = new(StreamsKeptMax);
    private readonly ConcurrentDictionary<StoredType, long> _types = new();
    private readonly ConcurrentDictionary<long, StoredType> _typeNames = new();

    /// <summary>The number of a stream that was looked for before; null says nothing.</summary>
    public long? KnownStream(StreamName stream) => _streams.TryGet(stream, out var known) ? known : null;

    public long? FindStream(SqliteSession session, StreamName stream)
    {
        if (_streams.TryGet(stream, out var known)) return known;
        if (session.Names.FindStream(stream) is not { } found) return null;
        _streams.Keep(stream, found);
        return found;
    }

    public StreamName? StreamOf(SqliteSession session, long id)
    {
        if (_streamNames.TryGet(id, out var known)) return known;
        if (session.Names.StreamOf(id) is not { } found) return null;
        _streamNames.Keep(id, found);
        return found;
    }

    public long? FindType(StoredType type) => _types.TryGetValue(type, out var known) ? known : null;

    public StoredType? TypeOf(SqliteSession session, long id)
    {
        if (_typeNames.TryGetValue(id, out var known)) return known;
        if (session.Names.TypeOf(id) is not { } found) return null;
        return _typeNames[id] = found;
    }

    public void Keep(StreamName stream, long id) => _streams.Keep(stream, id);

    public void Keep(StoredType type, long id) => _types[type] = id;
}
