using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Granary.Runtime;

/// <summary>Which options of the serializer leave it to the types whether values are kept.</summary>
internal static class JsonOptionsProof
{
    /// <summary>The first option that may lose or change values, or null.</summary>
    public static string? DoubtOf(JsonSerializerOptions options) => options switch
    {
        { Converters.Count: > 0 } => nameof(options.Converters),
        { DictionaryKeyPolicy: not null } => nameof(options.DictionaryKeyPolicy),
        { DefaultIgnoreCondition: not JsonIgnoreCondition.Never } => nameof(options.DefaultIgnoreCondition),
        { IgnoreReadOnlyFields: true } => nameof(options.IgnoreReadOnlyFields),
        { IgnoreReadOnlyProperties: true } => nameof(options.IgnoreReadOnlyProperties),
        { ReferenceHandler: not null } => nameof(options.ReferenceHandler),
        { RespectNullableAnnotations: true } => nameof(options.RespectNullableAnnotations),
        { UnmappedMemberHandling: not JsonUnmappedMemberHandling.Skip } => nameof(options.UnmappedMemberHandling),
        { AllowDuplicateProperties: false } => nameof(options.AllowDuplicateProperties),
        { PreferredObjectCreationHandling: not JsonObjectCreationHandling.Replace } =>
            nameof(options.PreferredObjectCreationHandling),
        { NumberHandling: not (JsonNumberHandling.Strict or JsonNumberHandling.AllowReadingFromString) } =>
            nameof(options.NumberHandling),
        _ when !IsKnown(options.Encoder) => nameof(options.Encoder),
        _ when options.TypeInfoResolverChain.Any(static one => !IsKnown(one)) => nameof(options.TypeInfoResolver),
        _ => null,
    };

    private static bool IsKnown(JavaScriptEncoder? encoder) => encoder is null
        || ReferenceEquals(encoder, JavaScriptEncoder.Default)
        || ReferenceEquals(encoder, JavaScriptEncoder.UnsafeRelaxedJsonEscaping);

    // A resolver that wraps another one, or has modifiers, may replace what is read and written of a member.
    private static bool IsKnown(IJsonTypeInfoResolver resolver) =>
        (resolver is DefaultJsonTypeInfoResolver { Modifiers.Count: 0 } plain
            && plain.GetType().Assembly == typeof(JsonSerializer).Assembly)
        || (resolver is JsonSerializerContext
            && resolver.GetType().GetCustomAttributes(typeof(System.CodeDom.Compiler.GeneratedCodeAttribute), false)
                is [System.CodeDom.Compiler.GeneratedCodeAttribute { Tool: "System.Text.Json.SourceGeneration" }]);
}
