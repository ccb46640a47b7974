using System.Collections;
using System.Reflection;

namespace Granary.Testing;

/// <summary>
/// Whether two objects hold the same, down to their fields. JSON would not do: it leaves out what it cannot see, and
/// what differs there would pass for the same.
/// </summary>
internal static class Likeness
{
    public static bool AreAlike(object left, object right) => AreAlike(left, right, []);

    private static bool AreAlike(object? left, object? right, HashSet<(object, object)> compared)
    {
        if (ReferenceEquals(left, right)) return true;
        if (left is null || right is null || left.GetType() != right.GetType()) return false;
        var type = left.GetType();
        if (type.IsPrimitive || type.IsEnum || left is string || (IsOfDotNet(type) && left is not IEnumerable))
            return left.Equals(right);

        // Objects that are being compared already, further out, are alike as far as the rest of them is.
        if (!type.IsValueType && !compared.Add((left, right))) return true;
        if (left is IEnumerable items && right is IEnumerable others && !AreItemsAlike(items, others, compared))
            return false;
        return IsOfDotNet(type) || FieldsOf(type).All(
            field => AreAlike(field.GetValue(left), field.GetValue(right), compared));
    }

    private static bool AreItemsAlike(IEnumerable left, IEnumerable right, HashSet<(object, object)> compared)
    {
        object?[] items = [.. left.Cast<object?>()];
        object?[] others = [.. right.Cast<object?>()];
        return items.Length == others.Length && items.Zip(others).All(
            pair => AreAlike(pair.First, pair.Second, compared));
    }

    // What .NET's own types are made of is their secret: lists grow at different paces.
    private static bool IsOfDotNet(Type type) => type.IsArray
        || (type.Assembly.GetName().Name is { } name && name.StartsWith("System.", StringComparison.Ordinal)
            && !type.FullName!.StartsWith("System.Collections.Generic.KeyValuePair`", StringComparison.Ordinal)
            && !type.FullName.StartsWith("System.ValueTuple`", StringComparison.Ordinal));

    private static IEnumerable<FieldInfo> FieldsOf(Type type)
    {
        for (var at = type; at is not null && !IsOfDotNet(at); at = at.BaseType)
        {
            foreach (var field in at.GetFields(
                BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
                yield return field;
        }
    }
}
