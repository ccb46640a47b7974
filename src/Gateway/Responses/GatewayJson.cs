using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Granary.Contracts;

namespace Granary.Gateway;

/// <summary>How the API writes and reads JSON: camelCase, instants in RFC 3339, events' JSON as sent.</summary>
[JsonSerializable(typeof(AppendResponse))]
[JsonSerializable(typeof(AppendLineRequest))]
[JsonSerializable(typeof(AppendLineResponse))]
[JsonSerializable(typeof(HeadResponse))]
[JsonSerializable(typeof(TruncateResponse))]
[JsonSerializable(typeof(EventResponse))]
[JsonSerializable(typeof(RawJson))]
[JsonSerializable(typeof(PageResponse))]
[JsonSerializable(typeof(StateResponse))]
[JsonSerializable(typeof(ProblemResponse))]
[JsonSerializable(typeof(ModelResponse))]
[JsonSerializable(typeof(ModelPageResponse))]
[JsonSerializable(typeof(ProjectionResponse))]
[JsonSerializable(typeof(ProjectionsResponse))]
[JsonSerializable(typeof(SubscriptionsResponse))]
[JsonSerializable(typeof(ReaderResponse))]
[JsonSerializable(typeof(SubscriptionRequest))]
[JsonSerializable(typeof(SubscriptionResponse))]
[JsonSerializable(typeof(NextEventsRequest))]
[JsonSerializable(typeof(NextEventsResponse))]
[JsonSerializable(typeof(AckRequest))]
[JsonSerializable(typeof(NackRequest))]
[JsonSerializable(typeof(LeasesResponse))]
[JsonSerializable(typeof(BuildResponse))]
[JsonSerializable(typeof(ParkedPageResponse))]
[JsonSerializable(typeof(AccountView))]
[JsonSerializable(typeof(OpenRequest))]
[JsonSerializable(typeof(MoneyRequest))]
[JsonSerializable(typeof(CloseRequest))]
[JsonSerializable(typeof(TransferView))]
[JsonSerializable(typeof(TransferRequest))]
[JsonSerializable(typeof(EventRequest))]
[JsonSerializable(typeof(CloudEventRequest))]
[JsonSerializable(typeof(bool))]
[JsonSerializable(typeof(int))]
[JsonSerializable(typeof(long))]
[JsonSerializable(typeof(string))]
internal sealed partial class GatewayJson : JsonSerializerContext
{
    /// <summary>The one instance, with the API's own options.</summary>
    public static GatewayJson Shared { get; } = new(new JsonSerializerOptions(JsonSerializerDefaults.Web)
    {
        // Escapes what JSON must: keys in any script stay readable, and nothing here is put into a page.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        // A body may hold amount and Amount: only one of them is meant, and the other is refused.
        PropertyNameCaseInsensitive = false,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectRequiredConstructorParameters = true,
        RespectNullableAnnotations = true,
        Converters =
        {
            new JsonStringEnumConverter<AccountStatus>(JsonNamingPolicy.KebabCaseLower),
            new JsonStringEnumConverter<TransferStatus>(JsonNamingPolicy.KebabCaseLower),
            new JsonStringEnumConverter<ReaderState>(JsonNamingPolicy.KebabCaseLower),
            new JsonStringEnumConverter<ReaderKind>(JsonNamingPolicy.KebabCaseLower),
            new JsonStringEnumConverter<BuildState>(JsonNamingPolicy.KebabCaseLower),
            new JsonStringEnumConverter<DifferenceKind>(JsonNamingPolicy.KebabCaseLower),
            new JsonStringEnumConverter<ModelColumnKind>(JsonNamingPolicy.KebabCaseLower), new ExactDecimalConverter(),
            new RawJsonConverter(), new InstantConverter(),
        },
    });

    /// <summary>The options of a writer that writes values of <see cref="Shared"/>.</summary>
    public static JsonWriterOptions WriterOptions { get; } = new() { Encoder = Shared.Options.Encoder };
}
