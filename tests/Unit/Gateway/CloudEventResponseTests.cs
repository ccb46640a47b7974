using System.Text;
using System.Text.Json;
using Granary.Gateway;

namespace Granary.Tests.Unit.Gateway;

/// <summary>Any stored event can be read as a CloudEvent.</summary>
public sealed class CloudEventResponseTests
{
    // Anyone may choose the metadata: without this one event would stop every reader that takes CloudEvents.
    [Theory]
    [InlineData(ContentTypes.Json, "", null)]
    [InlineData(ContentTypes.Orleans, "\u0001\u0002", "data_base64")]
    [InlineData(ContentTypes.Json, "\"AQI=\"", "data_base64")]
    [InlineData(ContentTypes.Json, "\"text\"", "data_base64")]
    [InlineData(ContentTypes.Json, "\"a text\"", "data")]
    public void Data_of_any_kind_may_be_marked_as_base64(string contentType, string payload, string? member)
    {
        var read = Read(contentType, payload);

        var members = new[] { "data", "data_base64" }.Where(name => read.TryGetProperty(name, out _));
        Assert.Equal(member is null ? [] : [member], members);
    }

    private static JsonElement Read(string contentType, string payload)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            CloudEventResponse.Of(Recorded(contentType, Encoding.UTF8.GetBytes(payload))).WriteTo(writer);
        }

        return JsonElement.Parse(buffer.ToArray());
    }

    private static RecordedEvent Recorded(string contentType, byte[] payload) => new()
    {
        Stream = new("orders", "1"),
        Version = new(1),
        Position = new(default, new(1)),
        Id = Guid.CreateVersion7(DateTimeOffset.UnixEpoch),
        AppendId = AppendId.New(TimeProvider.System),
        Type = "placed",
        SchemaVersion = 1,
        Timestamp = DateTimeOffset.UnixEpoch,
        ContentType = contentType,
        Payload = payload,
        Metadata = EventMetadata.Of(new Dictionary<string, string> { [CloudEvents.Base64Mark] = "true" }),
    };
}
