using NpgsqlTypes;

namespace Granary.Storage.Postgres;

/// <summary>An event type as the log refers to it.</summary>
internal readonly record struct StoredType(string Name, int SchemaVersion, string ContentType)
{
    public static StoredType Tombstone { get; } = new(EventTypes.Tombstone, 1, ContentTypes.Json);
}

/// <summary>An event type, as an object: each event that is read looks it up.</summary>
internal sealed record NumberedType(int Number, StoredType Type);

/// <summary>A stream and its number, as an object: each event of the log that is read looks it up.</summary>
internal sealed record NamedStream(long Number, StreamName Name);

/// <summary>A stream's number, and its last event that the tables have; of one that none is in, position 0.</summary>
internal readonly record struct FoundStream(long Number, EventAddress Head);

/// <summary>
/// The numbers that streams and types have in the log. A number that was committed never changes, so it may be cached.
/// </summary>
internal sealed class StoredNames(PostgresDatabase database)
{
    // What an entry takes beside the characters of its name: the entry, its nodes, its strings' headers.
    private const int EntryBytes = 180;
    private const long StreamBytesMax = 64 * 1024 * 1024;
    private const long TypeBytesMax = 4 * 1024 * 1024;

    private readonly GenerationCache<StreamName, long> _streams = new(
        StreamBytesMax, static (name, _) => EntryBytes + 2 * (name.Category.Length + name.Key.Length));

    private readonly GenerationCache<long, NamedStream> _streamNames = new(
        StreamBytesMax, static (_, stream) => EntryBytes + 2 * (stream.Name.Category.Length + stream.Name.Key.Length));

    private readonly GenerationCache<StoredType, int> _types = new(TypeBytesMax, static (type, _) => BytesOf(type));

    private readonly GenerationCache<int, NumberedType> _byNumber =
        new(TypeBytesMax, static (_, type) => BytesOf(type.Type));

    /// <summary>The number of a stream that is cached.</summary>
    public long? KnownStream(StreamName stream) => _streams.TryGet(stream, out var number) ? number : null;

    public void Add(StreamName stream, long number) => _streams.Add(stream, number);

    /// <summary>The number of a stream; null where there is no such stream.</summary>
    public async ValueTask<long?> FindStreamAsync(StreamName stream, CancellationToken cancellationToken)
    {
        if (KnownStream(stream) is { } known) return known;
        var found = await FindStreamsAsync([stream], cancellationToken).ConfigureAwait(false);
        return found.TryGetValue(stream, out var one) ? one.Number : null;
    }

    /// <summary>The streams that there are of some names.</summary>
    public async Task<Dictionary<StreamName, FoundStream>> FindStreamsAsync(
        IReadOnlyCollection<StreamName> streams, CancellationToken cancellationToken)
    {
        var byHash = streams.ToDictionary(static name => Convert.ToHexString(Names.HashOf(name)));
        var rows = await database.Call("find_streams")
            .With([.. streams.Select(Names.HashOf)], NpgsqlDbType.Bytea)
            .ReadAsync(
                static row => (
                    Hash: Convert.ToHexString((byte[])row[0]),
                    Stream: new FoundStream(
                        row.GetInt64(1),
                        row.IsDBNull(2) ? default : new EventAddress(row.GetInt64(2), row.GetInt64(3)))),
                cancellationToken)
            .ConfigureAwait(false);
        var found = new Dictionary<StreamName, FoundStream>();
        foreach (var (hash, stream) in rows)
        {
            found.Add(byHash[hash], stream);
            Add(byHash[hash], stream.Number);
        }

        return found;
    }

    /// <summary>The name of a stream that is cached.</summary>
    public NamedStream? KnownName(long number) => _streamNames.TryGet(number, out var stream) ? stream : null;

    /// <summary>The names of some streams.</summary>
    public async Task<Dictionary<long, NamedStream>> FindNamesAsync(
        IReadOnlyCollection<long> numbers, CancellationToken cancellationToken)
    {
        var rows = await database.Call("find_names").With([.. numbers], NpgsqlDbType.Bigint)
            .ReadAsync(
                static row => new NamedStream(row.GetInt64(0), new StreamName(
                    Names.Text((byte[])row[1]), Names.Text((byte[])row[2]))),
                cancellationToken)
            .ConfigureAwait(false);
        foreach (var stream in rows) _streamNames.Add(stream.Number, stream);
        return rows.ToDictionary(static stream => stream.Number);
    }

    /// <summary>The number of an event type, which is added where it is new.</summary>
    public async ValueTask<int> FindOrAddTypeAsync(StoredType type, CancellationToken cancellationToken)
    {
        if (_types.TryGet(type, out var known)) return known;
        var found = await database.Call("find_or_add_type")
            .With(Names.Bytes(type.Name)).With(type.SchemaVersion).With(Names.Bytes(type.ContentType))
            .ReadAsync(static row => row.GetInt32(0), cancellationToken).ConfigureAwait(false);
        _types.Add(type, found[0]);
        return found[0];
    }

    /// <summary>The event type of a number that is cached.</summary>
    public NumberedType? KnownType(int number) => _byNumber.TryGet(number, out var type) ? type : null;

    /// <summary>The event types of some numbers.</summary>
    public async Task<Dictionary<int, NumberedType>> FindTypesAsync(
        IReadOnlyCollection<int> numbers, CancellationToken cancellationToken)
    {
        var rows = await database.Call("find_types").With([.. numbers], NpgsqlDbType.Integer)
            .ReadAsync(
                static row => new NumberedType(row.GetInt32(0), new StoredType(
                    Names.Text((byte[])row[1]), row.GetInt32(2), Names.Text((byte[])row[3]))),
                cancellationToken)
            .ConfigureAwait(false);
        foreach (var type in rows) _byNumber.Add(type.Number, type);
        return rows.ToDictionary(static type => type.Number);
    }

    private static int BytesOf(StoredType type) => EntryBytes + 2 * (type.Name.Length + type.ContentType.Length);
}
