using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.OpenApi;

namespace Granary.Gateway;

/// <summary>A header or a query parameter of a call, as the OpenAPI document describes it.</summary>
internal sealed record ApiParameter(string Name, ParameterLocation In, string Description)
{
    private const string Generation =
        "With the position of the last event read, as in 7-42, a page after a clearing is refused with 412.";

    private const JsonSchemaType Whole = JsonSchemaType.Integer;

    public static ApiParameter IfMatch { get; } = new(
        "If-Match", ParameterLocation.Header,
        "An ETag of the stream, as in \"7-42\", expects the stream as it was then; a list of them, any of them. A "
        + "version, as in \"7\", expects the stream at that version, whatever was cleared in between; * expects that "
        + "it exists.");

    public static ApiParameter IfNoneMatch { get; } = new(
        "If-None-Match", ParameterLocation.Header, "* expects that there is no stream yet.");

    public static ApiParameter KnownETag { get; } = new(
        "If-None-Match", ParameterLocation.Header,
        "ETags that are known: where one is the current one the answer is 304.");

    public static ApiParameter IdempotencyKey { get; } = new(
        "Idempotency-Key", ParameterLocation.Header, "The request's own id, 1 to 200 characters: a retry is safe.");

    public static ApiParameter WebHookOrigin { get; } = new(
        "WebHook-Request-Origin", ParameterLocation.Header, "The host name of the sender.");

    public static ApiParameter After { get; } = new(
        "after", ParameterLocation.Query, "The page begins after this position; next of the page before.")
    {
        Type = Whole,
        Default = 0,
        Min = 0,
    };

    public static ApiParameter AfterVersion { get; } = new(
        "after", ParameterLocation.Query, "The page begins after this version; next of the page before. " + Generation)
    {
        Type = Whole | JsonSchemaType.String,
        Default = 0,
        Min = 0,
    };

    public static ApiParameter Before { get; } = new(
        "before", ParameterLocation.Query,
        "Backward, the page begins before this version; next of the page before. Without it at the stream's end. "
        + Generation)
    {
        Type = Whole | JsonSchemaType.String,
        Min = 1,
    };

    public static ApiParameter BeforeVersion { get; } = new(
        "before", ParameterLocation.Query, "The version of the first event that stays.")
    {
        Type = Whole,
        Min = 1,
    };

    public static ApiParameter Limit { get; } = new(
        "limit", ParameterLocation.Query, "How many events at most. A page ends earlier where it would be over 8 MiB.")
    {
        Type = Whole,
        Default = RequestQuery.LimitByDefault,
        Min = 1,
        Max = GranaryLimits.PageSizeMax,
    };

    public static ApiParameter Partition { get; } =
        new("partition", ParameterLocation.Query, "The partition of the log.") { Type = Whole, Default = 0, Min = 0 };

    public static ApiParameter Direction { get; } = new(
        "direction", ParameterLocation.Query,
        "forward is oldest first, backward newest first. Without it the order follows from after or before.")
    {
        Values = ["forward", "backward"],
    };

    public static ApiParameter Version { get; } =
        new("version", ParameterLocation.Query, "As of this version.") { Type = Whole, Min = 0 };

    public static ApiParameter At { get; } =
        new("at", ParameterLocation.Query, "As of this instant, in RFC 3339.") { Format = "date-time" };

    public static ApiParameter FollowedPartition { get; } = new(
        "partition", ParameterLocation.Query, "The partition of the log that is followed; without it all of them.")
    {
        Type = Whole,
        Min = 0,
    };

    public static ApiParameter AfterPositions { get; } = new(
        "after", ParameterLocation.Query,
        "Begins after these positions, an id that was sent: as in 0:152,1:88. Partitions that it does not name are not "
        + "followed. With partition, a position alone.");

    public static ApiParameter AfterPoint { get; } = new(
        "after", ParameterLocation.Query,
        "Begins after this version; or after an id that was sent, or the text of an ETag, as in 7-42.");

    public static ApiParameter From { get; } = new(
        "from", ParameterLocation.Query, "Where it begins without after and Last-Event-ID; start by default.")
    {
        Values = ["start", "end"],
    };

    public static ApiParameter LastEventId { get; } = new(
        "Last-Event-ID", ParameterLocation.Header,
        "The id that was received last: it begins after it, whatever the query says. A browser sends it by itself.");

    public static ApiParameter Categories { get; } =
        new("category", ParameterLocation.Query, "Streams of this category alone.") { IsRepeatable = true };

    public static ApiParameter Streams { get; } = new(
        "stream", ParameterLocation.Query, "This stream alone, as category/key.") { IsRepeatable = true };

    public static ApiParameter Types { get; } =
        new("type", ParameterLocation.Query, "Events of this type alone.") { IsRepeatable = true };

    public static ApiParameter Where { get; } = new(
        "where", ParameterLocation.Query,
        "A condition on a column, or on key, as in balance:ge:100. Comparisons are eq, lt, le, gt and ge; column:null "
        + "is true where there is no value. All conditions must be true.")
    {
        IsRepeatable = true,
    };

    public static ApiParameter OrderBy { get; } = new(
        "orderBy", ParameterLocation.Query, "The column that orders the models; without it their key.");

    public static ApiParameter Descending { get; } = new(
        "descending", ParameterLocation.Query, "Whether the order is reversed.") { Values = ["true", "false"] };

    public static ApiParameter ModelLimit { get; } = new(
        "limit", ParameterLocation.Query, "How many at most.")
    {
        Type = Whole,
        Default = RequestQuery.LimitByDefault,
        Min = 1,
        Max = GranaryLimits.PageSizeMax,
    };

    public static ApiParameter AfterModel { get; } = new(
        "after", ParameterLocation.Query, "next of the page before, with the same order.");

    public static ApiParameter AfterParked { get; } = new(
        "after", ParameterLocation.Query, "next of the page before.");

    public static ApiParameter MinPosition { get; } = new(
        ModelQueryParameters.MinPosition, ParameterLocation.Header,
        "Positions that the models must have passed, as in 0:152: what an append was answered with. Where they have "
        + "not within the time to wait, the answer is 503 and says how far they are.");

    public static ApiParameter Wait { get; } = new(
        "wait", ParameterLocation.Query, "How many seconds it is waited for that at most; 5 by default, 60 at most.")
    {
        Type = JsonSchemaType.Number,
    };

    public static ApiParameter Confirm { get; } = new(
        ModelConfirmation.Asked, ParameterLocation.Header,
        "Projections, parted by commas: the answer is sent when their models have seen the append, or the time to wait "
        + "is over. The append is stored in both cases.");

    public static ApiParameter ConfirmWait { get; } = new(
        "wait", ParameterLocation.Query,
        $"How many seconds {ModelConfirmation.Asked} waits at most; 5 by default, 60 at most.")
    {
        Type = JsonSchemaType.Number,
    };

    public static ApiParameter Publish { get; } = new(
        "publish", ParameterLocation.Query, "Whether it serves queries as soon as it is ready.")
    {
        Values = ["true", "false"],
    };

    public bool IsInQuery => In == ParameterLocation.Query;

    /// <summary>Whether it may be sent more than once: any of its values is meant.</summary>
    public bool IsRepeatable { get; private init; }

    private JsonSchemaType Type { get; init; } = JsonSchemaType.String;

    private string? Format { get; init; }

    private string[]? Values { get; init; }

    private int? Default { get; init; }

    private int? Min { get; init; }

    private int? Max { get; init; }

    /// <summary>Adds it to a call, instead of what the generator made of it.</summary>
    public void AddTo(OpenApiOperation operation)
    {
        operation.Parameters ??= [];
        var before = operation.Parameters.FirstOrDefault(one => one.Name == Name && one.In == In);
        if (before is not null) operation.Parameters.Remove(before);
        operation.Parameters.Add(new OpenApiParameter
        {
            Name = Name,
            In = In,
            Description = Description,
            Schema = SchemaOf(),
        });
    }

    private OpenApiSchema SchemaOf()
    {
        var one = new OpenApiSchema
        {
            Type = Type,
            Format = Format,
            Enum = Values?.Select(static one => (JsonNode)one).ToList(),
            Default = Default is { } value ? (JsonNode)value : null,
            Minimum = Min?.ToString(CultureInfo.InvariantCulture),
            Maximum = Max?.ToString(CultureInfo.InvariantCulture),
        };
        return IsRepeatable ? new OpenApiSchema { Type = JsonSchemaType.Array, Items = one } : one;
    }
}
