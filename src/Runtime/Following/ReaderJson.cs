using System.Text.Json;
using System.Text.Json.Serialization;

namespace Granary.Runtime;

/// <summary>How the documents of <see cref="ReaderTables"/> are written.</summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ReaderSetting))]
[JsonSerializable(typeof(ParkedDocument))]
[JsonSerializable(typeof(BegunDocument))]
internal sealed partial class ReaderJson : JsonSerializerContext;

/// <summary>What is asked of a reader.</summary>
/// <param name="Paused">Whether it does nothing until it is resumed.</param>
/// <param name="Until">The position of each partition that it does not pass; null for no bound.</param>
internal sealed record ReaderSetting(bool Paused = false, IReadOnlyDictionary<int, long>? Until = null)
{
    public GlobalPosition? UntilOf(LogPartition partition) =>
        Until?.TryGetValue(partition.Value, out var position) == true ? new GlobalPosition(position) : null;
}

/// <summary>A parked stream as it is stored, with the event that could not be handled.</summary>
internal sealed record ParkedDocument(
    string Reader,
    string Category,
    string Key,
    int Partition,
    long Position,
    long Version,
    string EventType,
    string Error,
    DateTimeOffset At,
    int Tries,
    ParkedRequest Request = ParkedRequest.None,
    long? From = null)
{
    /// <summary>From where on its events wait: the event's position, where no later ones were handled.</summary>
    [JsonIgnore]
    public long First => From ?? Position;
}

/// <summary>What the worker is to do with a parked stream.</summary>
internal enum ParkedRequest
{
    None,
    Retry,
    Drop,
}
