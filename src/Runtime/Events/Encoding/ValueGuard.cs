using System.Linq.Expressions;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Granary.Runtime;

/// <summary>
/// Compiles, for a proved type, the check of what its declared types do not determine: that a list is a list and not
/// of a class that derives from it, that dictionaries and sets have the default comparer, that no time is local.
/// </summary>
internal static class ValueGuard
{
    /// <summary>The check of events of a type; null where nothing is open.</summary>
    public static Func<object, bool>? Of(JsonTypeInfo info)
    {
        var @event = Expression.Parameter(typeof(object));
        return OfMembers(info, Expression.Convert(@event, info.Type)) is { } check
            ? Expression.Lambda<Func<object, bool>>(check, @event).Compile()
            : null;
    }

    private static Expression? Of(Type type, Expression value, JsonSerializerOptions options)
    {
        if (type == typeof(DateTime))
            return Expression.NotEqual(
                Expression.Property(value, nameof(DateTime.Kind)), Expression.Constant(DateTimeKind.Local));
        if (Nullable.GetUnderlyingType(type) is { } underlying)
            return Of(underlying, Expression.Property(value, "Value"), options) is { } inner
                ? Expression.OrElse(Expression.Not(Expression.Property(value, "HasValue")), inner)
                : null;
        if (type.IsPrimitive || type == typeof(string) || type == typeof(byte[])) return null;
        if (type == typeof(Version)) return null;
        if (type.IsValueType) return options.GetTypeInfo(type) is { Kind: JsonTypeInfoKind.Object } info
            ? OfMembers(info, value)
            : null;
        return OfReference(type, value, options) is { } check
            ? Expression.OrElse(Expression.ReferenceEqual(value, Expression.Constant(null)), check)
            : null;
    }

    private static Expression? OfReference(Type type, Expression value, JsonSerializerOptions options)
    {
        if (type.IsSZArray) return And(IsExactly(type, value), OfElements(type.GetElementType()!, value, options));
        var definition = type.IsGenericType ? type.GetGenericTypeDefinition() : null;
        if (definition == typeof(List<>))
            return And(IsExactly(type, value), OfElements(type.GetGenericArguments()[0], value, options));
        if (definition == typeof(HashSet<>)) return And(IsExactly(type, value), HasDefaultComparer(type, value));
        if (definition == typeof(Dictionary<,>))
            return And(
                And(IsExactly(type, value), HasDefaultComparer(type, value)),
                OfElements(type.GetGenericArguments()[1], Expression.Property(value, "Values"), options));
        return OfMembers(options.GetTypeInfo(type), value);
    }

    private static Expression? OfMembers(JsonTypeInfo info, Expression value) => info.Properties
        .Where(static one => one.Get is not null && (one.Set is not null || one.AssociatedParameter is not null))
        .Select(one => Of(
            one.PropertyType, Expression.MakeMemberAccess(value, (MemberInfo)one.AttributeProvider!), info.Options))
        .Aggregate((Expression?)null, And);

    private static Expression? OfElements(Type element, Expression items, JsonSerializerOptions options)
    {
        var one = Expression.Parameter(element);
        return Of(element, one, options) is { } check
            ? Expression.Call(
                typeof(Enumerable), nameof(Enumerable.All), [element], items,
                Expression.Lambda(typeof(Func<,>).MakeGenericType(element, typeof(bool)), check, one))
            : null;
    }

    private static Expression IsExactly(Type type, Expression value) => Expression.TypeEqual(value, type);

    private static Expression HasDefaultComparer(Type type, Expression value) => Expression.ReferenceEqual(
        Expression.Property(value, "Comparer"),
        Expression.Constant(typeof(EqualityComparer<>).MakeGenericType(type.GetGenericArguments()[0])
            .GetProperty("Default")!.GetValue(null)));

    private static Expression? And(Expression? left, Expression? right) =>
        left is null ? right : right is null ? left : Expression.AndAlso(left, right);
}
