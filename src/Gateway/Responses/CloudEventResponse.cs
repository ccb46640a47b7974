using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Granary.Gateway;

/// <summary>
/// A stored event as a CloudEvent 1.0: as it came, where it came as one; else with the stream as its source, and with
/// those metadata that an attribute can be, their names in lower case. Where it is stored is in attributes of Granary's
/// own.
/// </summary>
internal sealed class CloudEventResponse : IPageItem
{
    private readonly Dictionary<string, string> _attributes = new(StringComparer.Ordinal);
    private readonly RawJson _data;
    private readonly bool _isBase64;

    private CloudEventResponse(RecordedEvent recorded)
    {
        _data = RawJson.Of(recorded);
        Set("specversion", "1.0");
        Set("type", CloudEvents.Allowed(recorded.Type));
        Set("granaryversion", recorded.Version.ToString());
        Set("granarypartition", recorded.Position.Partition.Value.ToString(CultureInfo.InvariantCulture));
        Set("granaryposition", recorded.Position.Position.Value.ToString(CultureInfo.InvariantCulture));
        Set("granarystream", CloudEvents.Allowed(recorded.Stream.ToString()));
        Set("granaryschemaversion", recorded.SchemaVersion.ToString(CultureInfo.InvariantCulture));
        var metadata = EventResponse.CallersMetadata(recorded.Metadata);

        // Metadata of an event that came in our own form may have any names and values, those of CloudEvents included.
        _isBase64 = metadata.ContainsKey(CloudEvents.Base64Mark) && _data is { IsBase64: false, Bytes.IsEmpty: false }
            && CloudEvents.IsBase64(_data.Bytes.Span);
        foreach (var (name, value) in metadata)
        {
            if (name.StartsWith(CloudEvents.Prefix, StringComparison.Ordinal))
                SetIfAllowed(name[CloudEvents.Prefix.Length..], value);
        }

        Set("id", recorded.Id.ToString());
        Set("source", SourceOf(recorded.Stream));
        Set("time", InstantConverter.Text(recorded.Timestamp));
        if (!recorded.Payload.IsEmpty) Set(CloudEvents.ContentType, recorded.ContentType);
        foreach (var (name, value) in metadata) SetIfAllowed(name.ToLowerInvariant(), value);
    }

    public static IPageItem Of(RecordedEvent recorded) => new CloudEventResponse(recorded);

    public void WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        foreach (var (name, value) in _attributes) writer.WriteString(name, value);
        if (!_data.Bytes.IsEmpty)
        {
            writer.WritePropertyName(_data.IsBase64 || _isBase64 ? "data_base64" : "data");
            JsonSerializer.Serialize(writer, _data, GatewayJson.Shared.RawJson);
        }

        writer.WriteEndObject();
    }

    private void SetIfAllowed(string name, string value)
    {
        if (value.Length > 0 && CloudEvents.FaultOf(name, value) is null) Set(name, value);
    }

    // The first that sets a name counts.
    private void Set(string name, string value) => _attributes.TryAdd(name, value);

    private static string SourceOf(StreamName stream) => new StringBuilder("/api/streams/")
        .Append(Uri.EscapeDataString(stream.Category)).Append('/').Append(Uri.EscapeDataString(stream.Key)).ToString();
}
