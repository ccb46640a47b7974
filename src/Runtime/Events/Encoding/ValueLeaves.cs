using System.Globalization;
using System.Numerics;
using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Granary.Runtime;

/// <summary>Values that are compared as a whole, by what their own type calls equal.</summary>
internal static class ValueLeaves
{
    private static readonly HashSet<Type> Types =
    [
        typeof(string), typeof(decimal), typeof(Guid), typeof(DateTime), typeof(DateTimeOffset), typeof(TimeSpan),
        typeof(DateOnly), typeof(TimeOnly), typeof(Version), typeof(BigInteger), typeof(Half), typeof(Int128),
        typeof(UInt128), typeof(Rune), typeof(CultureInfo), typeof(JsonElement),
    ];

    /// <summary>Whether a value is compared as a whole.</summary>
    public static bool IsLeaf(object value) => value.GetType() is { IsPrimitive: true } or { IsEnum: true }
        || Types.Contains(value.GetType())
        || value is Uri or Delegate or MemberInfo or Assembly or JsonNode or JsonDocument or IAddressable;

    /// <summary>Why two leaves of one type are not equal, or null where they are.</summary>
    public static string? Difference(object raised, object read) => raised switch
    {
        DateTime { Kind: DateTimeKind.Local } =>
            "is a local time, which a machine in another time zone reads as another one; use UTC or a DateTimeOffset",
        string or char when !raised.Equals(read) && HoldsLoneSurrogate(raised.ToString()!) =>
            "holds half of a surrogate pair, which has no UTF-8",
        _ when AreEqual(raised, read) => null,
        _ => "comes back with another value",
    };

    private static bool HoldsLoneSurrogate(string text)
    {
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune == Rune.ReplacementChar) return true;
        }

        return false;
    }

    private static bool AreEqual(object raised, object read) => (raised, read) switch
    {
        (double a, double b) => double.IsNaN(a)
            ? double.IsNaN(b)
            : BitConverter.DoubleToInt64Bits(a) == BitConverter.DoubleToInt64Bits(b),
        (float a, float b) => float.IsNaN(a)
            ? float.IsNaN(b)
            : BitConverter.SingleToInt32Bits(a) == BitConverter.SingleToInt32Bits(b),
        (Half a, Half b) => Half.IsNaN(a)
            ? Half.IsNaN(b)
            : BitConverter.HalfToInt16Bits(a) == BitConverter.HalfToInt16Bits(b),
        (decimal a, decimal b) => a == b && a.Scale == b.Scale,
        (DateTime a, DateTime b) => a.Ticks == b.Ticks && a.Kind == b.Kind,
        (DateTimeOffset a, DateTimeOffset b) => a.EqualsExact(b),
        (Uri a, Uri b) => a.OriginalString == b.OriginalString && a.IsAbsoluteUri == b.IsAbsoluteUri && a.Equals(b),
        (JsonElement a, JsonElement b) => JsonElement.DeepEquals(a, b),
        (JsonNode a, JsonNode b) => JsonNode.DeepEquals(a, b),
        (JsonDocument a, JsonDocument b) => JsonElement.DeepEquals(a.RootElement, b.RootElement),
        _ => raised.Equals(read),
    };
}
