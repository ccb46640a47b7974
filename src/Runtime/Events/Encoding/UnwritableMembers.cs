using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Granary.Runtime;

/// <summary>Finds the member that made JSON fail, where the serializer's message does not name it.</summary>
internal static class UnwritableMembers
{
    private const int DepthMax = 64;

    /// <summary>The first number that is infinite or none; null where there is none of these.</summary>
    public static string? FindNumber(object @event) => ValueComparison.FirstWhere(@event, static leaf => leaf switch
    {
        double value => !double.IsFinite(value),
        float value => !float.IsFinite(value),
        Half value => !Half.IsFinite(value),
        _ => false,
    });

    /// <summary>The first member that cannot be written alone either; null where all can.</summary>
    public static string? Find(JsonTypeInfo info, object value, string path, int depth = 0)
    {
        if (info.Kind != JsonTypeInfoKind.Object || depth == DepthMax) return null;
        foreach (var member in info.Properties)
        {
            if (member is not { Get: { } get, CustomConverter: null }) continue;
            var name = $"{path}.{(member.AttributeProvider as System.Reflection.MemberInfo)?.Name ?? member.Name}";
            object? inner = null;
            try
            {
                inner = get(value);
                JsonSerializer.Serialize(Stream.Null, inner, info.Options.GetTypeInfo(member.PropertyType));
            }
            catch (Exception)
            {
                // Only which member fails is wanted: its error is the one that is reported already.
                return inner is null
                    ? name
                    : Find(info.Options.GetTypeInfo(inner.GetType()), inner, name, depth + 1) ?? name;
            }
        }

        return null;
    }
}
