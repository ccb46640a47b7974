using System.Text.Json;
using Granary.Contracts;

namespace Granary.Gateway;

/// <summary>The result of an append.</summary>
/// <param name="Stream">The stream, as <c>category/key</c>.</param>
/// <param name="Outcome">Appended; AlreadyAppended where the request was carried out before.</param>
/// <param name="FirstVersion">The version of the append's first event.</param>
/// <param name="Version">The version of its last event.</param>
/// <param name="Partition">The partition of the log.</param>
/// <param name="Position">The position of its last event in that partition.</param>
internal sealed record AppendResponse(
    string Stream, string Outcome, long FirstVersion, long Version, int Partition, long Position)
{
    public static AppendResponse Of(StreamName stream, StreamAppendAnswer answer) => new(
        stream.ToString(), answer.Outcome.ToString(), answer.FirstVersion.Value, answer.Version.Value,
        answer.Position.Partition.Value, answer.Position.Position.Value);
}

/// <summary>
/// What became of a line of many appends: <c>append</c> where it is stored, else <c>problem</c>. The status is the one
/// that the append would have as a request of its own.
/// </summary>
internal sealed record AppendLineResponse(long Line, string? Id, int Status)
{
    public AppendResponse? Append { get; init; }

    public ProblemResponse? Problem { get; init; }
}

/// <summary>Where a stream ends.</summary>
/// <param name="Stream">The stream, as <c>category/key</c>.</param>
/// <param name="Version">The version of its last event.</param>
/// <param name="Partition">The partition of the log.</param>
/// <param name="Position">The position of its last event in that partition.</param>
/// <param name="Created">When its first event was recorded.</param>
/// <param name="Updated">When its last event was recorded.</param>
/// <param name="First">The version of the first event that is left: 1, unless the stream was truncated.</param>
internal sealed record HeadResponse(
    string Stream, long Version, int Partition, long Position, DateTimeOffset? Created, DateTimeOffset? Updated,
    long First)
{
    public static HeadResponse Of(StreamHead head) => new(
        head.Stream.ToString(), head.Version.Value, head.Position.Partition.Value, head.Position.Position.Value,
        head.Created, head.Updated, head.First.Value);
}

/// <summary>How far a stream is truncated.</summary>
/// <param name="Stream">The stream.</param>
/// <param name="First">The version of the first event that is left.</param>
/// <param name="HeldBackBy">The reader of the log that holds back events which were to be removed, or null.</param>
internal sealed record TruncateResponse(string Stream, long First, string? HeldBackBy);

/// <summary>An event as it is stored. Data are JSON, or the base64 of another content type.</summary>
internal sealed record EventResponse(
    string Stream, long Version, int Partition, long Position, Guid Id, string Type, int SchemaVersion,
    DateTimeOffset Timestamp, string ContentType, RawJson Data, IReadOnlyDictionary<string, string> Metadata)
    : IPageItem
{
    /// <exception cref="StoreCorruptException">What is stored cannot be read.</exception>
    public static IPageItem Of(RecordedEvent recorded) => new EventResponse(
        recorded.Stream.ToString(), recorded.Version.Value, recorded.Position.Partition.Value,
        recorded.Position.Position.Value, recorded.Id, recorded.Type, recorded.SchemaVersion, recorded.Timestamp,
        recorded.ContentType, RawJson.Of(recorded), CallersMetadata(recorded.Metadata));

    public void WriteTo(Utf8JsonWriter writer) =>
        JsonSerializer.Serialize(writer, this, GatewayJson.Shared.EventResponse);

    // What Granary keeps for itself beside the caller's pairs is not part of the API.
    public static IReadOnlyDictionary<string, string> CallersMetadata(EventMetadata metadata)
    {
        var pairs = metadata.Pairs;
        return pairs.Keys.Any(IsReserved)
            ? pairs.Where(static pair => !IsReserved(pair.Key)).ToDictionary(StringComparer.Ordinal)
            : pairs;
    }

    private static bool IsReserved(string name) =>
        name.StartsWith(MetadataNames.ReservedPrefix, StringComparison.Ordinal);
}

/// <summary>
/// A page of events. <c>next</c> continues it: it is <c>after</c> for the next page, or <c>before</c> backward.
/// </summary>
internal sealed record PageResponse(IReadOnlyList<EventResponse> Events, long Next, bool More);

/// <summary>A state as it was at a version.</summary>
internal sealed record StateResponse(string Stream, long Version, DateTimeOffset? Timestamp, RawJson State)
{
    /// <exception cref="LimitExceededException">The state is too large.</exception>
    /// <exception cref="StateNotShownException">The state is not JSON.</exception>
    public static StateResponse Of(StateView view)
    {
        LimitExceededException.ThrowIfOver(
            GranaryLimits.StateSizeMax, view.Json.Length, "state", "Read the events instead.");
        var state = RawJson.TryParse(view.Json)
            ?? throw new StateNotShownException(view.Stream.Category, "what it gives is not JSON.");
        return new(view.Stream.ToString(), view.Version.Value, view.Timestamp, state);
    }
}
