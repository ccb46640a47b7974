using System.Text.Json;
using Granary.Contracts;

namespace Granary.Gateway;

internal sealed record EventDescription(
    string Type, JsonElement? Data, Guid? Id, Dictionary<string, string>? Metadata);

internal sealed record AppendDescription(
    string Stream, string Outcome, long FirstVersion, long Version, int Partition, long Position)
{
    public static AppendDescription Of(StreamName stream, StreamAppendAnswer answer) => new(
        stream.ToString(), answer.Outcome.ToString(), answer.FirstVersion.Value, answer.Version.Value,
        answer.Position.Partition.Value, answer.Position.Position.Value);
}

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

internal sealed record PageDescription(RecordedEventDescription[] Events, long? Next);

internal sealed record StateDescription(string Stream, long Version, string Timestamp, JsonElement State);
