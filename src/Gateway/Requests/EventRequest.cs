using System.Text.Json;
using System.Text.Json.Serialization;

namespace Granary.Gateway;

/// <summary>An event as the API takes it; the OpenAPI document describes it from here.</summary>
/// <param name="Type">The event's name, not empty.</param>
/// <param name="Data">Its content, any JSON; null where it is missing; then the folded state stays as it is.</param>
/// <param name="Id">Its id; made where it is missing.</param>
/// <param name="Metadata">Names and texts beside the content.</param>
internal sealed record EventRequest(
    string Type, JsonElement? Data = null, Guid? Id = null, Dictionary<string, string>? Metadata = null);

/// <summary>A line of many appends; the OpenAPI document describes it from here.</summary>
internal sealed record AppendLineRequest(
    string Id, string Stream, EventRequest[] Events, JsonElement? Expected = null, string? IdempotencyKey = null);

/// <summary>A CloudEvent in structured mode; the OpenAPI document describes it from here.</summary>
internal sealed record CloudEventRequest(
    string Specversion, string Id, string Source, string Type, string? Datacontenttype = null,
    string? Dataschema = null, string? Subject = null, DateTimeOffset? Time = null, JsonElement? Data = null,
    [property: JsonPropertyName("data_base64")] string? DataBase64 = null);
