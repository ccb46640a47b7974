using System.Text.Json;
using System.Text.Json.Serialization;

namespace Granary.Gateway;

internal sealed record EventDescription(
    string Type, JsonElement? Data = null, Guid? Id = null, Dictionary<string, string>? Metadata = null);

internal sealed record CloudEventDescription(
    string Specversion, string Id, string Source, string Type, string? Datacontenttype = null,
    string? Dataschema = null, string? Subject = null, DateTimeOffset? Time = null, JsonElement? Data = null,
    [property: JsonPropertyName("data_base64")] string? DataBase64 = null);

internal sealed record AppendDescription(
    string Stream, string Outcome, long FirstVersion, long Version, int Partition, long Position);

internal sealed record HeadDescription(
    string Stream, long Version, int Partition, long Position, string? Created, string? Updated)
{
    public static HeadDescription Of(StreamHead head) => new(
        head.Stream.ToString(), head.Version.Value, head.Position.Partition.Value, head.Position.Position.Value,
        head.Created is { } created ? Answers.Time(created) : null,
        head.Updated is { } updated ? Answers.Time(updated) : null);
}

internal sealed record RecordedEventDescription(
    string Stream, long Version, int Partition, long Position, Guid Id, string Type, string Timestamp,
    JsonElement? Data, Dictionary<string, string> Metadata);

internal sealed record PageDescription(RecordedEventDescription[] Events, long? Next = null);

internal sealed record StateDescription(string Stream, long Version, JsonElement State, string? Timestamp = null);
