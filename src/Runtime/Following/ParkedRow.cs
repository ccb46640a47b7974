using System.Globalization;
using System.IO.Hashing;
using System.Text;
using System.Text.Json;

namespace Granary.Runtime;

/// <summary>A parked stream and its row.</summary>
internal sealed record ParkedRow(ModelRow Row, ParkedDocument Document)
{
    private const int ErrorLengthMax = 4_000;

    public StreamName Stream => new(Document.Category, Document.Key);

    public LogPosition Position => new(new LogPartition(Document.Partition), new GlobalPosition(Document.Position));

    /// <summary>From where on its events wait.</summary>
    public LogPosition First => new(new LogPartition(Document.Partition), new GlobalPosition(Document.First));

    /// <summary>
    /// The key of a stream's row: two names may be longer than a key together, so it has a hash of the stream.
    /// </summary>
    public static string KeyOf(string reader, StreamName stream)
    {
        var hash = XxHash128.Hash(Encoding.UTF8.GetBytes(stream.ToString()));
        return string.Create(CultureInfo.InvariantCulture, $"{reader}/{Convert.ToHexStringLower(hash)}");
    }

    public static ParkedRow Of(ModelRow row) => new(
        row,
        JsonSerializer.Deserialize(row.Document.Span, ReaderJson.Default.ParkedDocument)
        ?? throw new StoreCorruptException($"The parked stream '{row.Key}' has no document."));

    public static ParkedDocument Describe(
        string reader, RecordedEvent failed, Exception error, int tries, DateTimeOffset now) => new(
        reader,
        failed.Stream.Category,
        failed.Stream.Key,
        failed.Position.Partition.Value,
        failed.Position.Position.Value,
        failed.Version.Value,
        failed.Type,
        Cut($"{error.GetType().Name}: {error.Message}"),
        now,
        tries);

    public static ModelWrite Put(ParkedDocument document, ModelRow? row) => ModelWrite.Put(
        ReaderTables.Parked,
        KeyOf(document.Reader, new StreamName(document.Category, document.Key)),
        row,
        JsonSerializer.SerializeToUtf8Bytes(document, ReaderJson.Default.ParkedDocument),
        [document.Reader, (long)document.Partition],
        new LogPosition(new LogPartition(document.Partition), new GlobalPosition(document.Position)));

    public ParkedStream ToParkedStream() => new()
    {
        Reader = Document.Reader,
        Stream = Stream,
        Position = Position,
        Version = new StreamVersion(Document.Version),
        EventType = Document.EventType,
        Error = Document.Error,
        At = Document.At,
        Tries = Document.Tries,
    };

    private static string Cut(string text)
    {
        if (text.Length <= ErrorLengthMax) return text;
        return string.Concat(text.AsSpan(0, ErrorLengthMax), "...");
    }
}
