using System.Collections;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using CsCheck;

namespace Granary.Tests.Unit.Events;

/// <summary>Events of random types: every kind of member, in every position that a member can have.</summary>
internal static class RandomEvents
{
    private static readonly Dictionary<Type, Gen<object?>> Leaves = new()
    {
        [typeof(string)] = Gen.OneOf(
            Gen.String.AsObject(), OneOf<object?>(null, "", "\ud800", "a\udc00b", "\ufffd", "\ud83d\ude00")),
        [typeof(char)] = Gen.OneOf(Gen.Char.AsObject(), OneOf<object?>('\ud800', '\ufffd')),
        [typeof(bool)] = Gen.Bool.AsObject(),
        [typeof(int)] = Gen.Int.AsObject(),
        [typeof(ulong)] = Gen.ULong.AsObject(),
        [typeof(double)] = Gen.OneOf(Gen.Double.AsObject(), OneOf<object?>(-0.0, double.NaN, 1e300)),
        [typeof(float)] = Gen.OneOf(Gen.Float.AsObject(), OneOf<object?>(-0f, float.NegativeInfinity)),
        [typeof(decimal)] = Gen.OneOf(Gen.Decimal.AsObject(), OneOf<object?>(-0.0m, 1.00m)),
        [typeof(Guid)] = Gen.Guid.AsObject(),
        [typeof(TimeSpan)] = Gen.TimeSpan.AsObject(),
        [typeof(DateOnly)] = Gen.DateOnly.AsObject(),
        [typeof(TimeOnly)] = Gen.TimeOnly.AsObject(),
        [typeof(DateTimeOffset)] = Gen.DateTimeOffset.AsObject(),
        [typeof(DateTime)] = Gen.Select(
            Gen.DateTime, Gen.Enum<DateTimeKind>(), static (time, kind) => (object?)DateTime.SpecifyKind(time, kind)),
        [typeof(DayOfWeek)] = Gen.Int.Select(static one => (object?)(DayOfWeek)one),
        [typeof(byte[])] = Gen.OneOf(Gen.Byte.Array.AsObject(), Gen.Const((object?)null)),
        [typeof(Version)] = OneOf<object?>(null, new Version(1, 2), new Version(1, 2, 3, 4)),
        [typeof(Lossy.Figure)] = OneOf<object?>(null, new Lossy.Figure(1), new Lossy.Tall(1, 2)),
        [typeof(Lossy.Means)] = OneOf<object?>(null, new Lossy.Card("1")),
        [typeof(Figure)] = OneOf<object?>(null, new Square(2)),
        [typeof(Lossy.Loose)] = OneOf<object?>(
            null, new Lossy.Loose(1), new Lossy.Known(1), new Lossy.Unknown(1, 2)),
        [typeof(object)] = OneOf<object?>(null, 1, "a", true),
        [typeof(Lossy.Validated)] = OneOf<object?>(
            new Lossy.Validated(1), new Lossy.Validated(1) with { Amount = -1 }),
        [typeof(Lossy.WithRequired)] = OneOf<object?>(
            new Lossy.WithRequired { Name = null }, new Lossy.WithRequired { Name = "a" }),
        [typeof(Lossy.WithInitialiser)] = Gen.Bool.Select(
            static one => (object?)new Lossy.WithInitialiser { IsOpen = one }),
        [typeof(Lossy.WithDefault)] = OneOf<object?>(new Lossy.WithDefault(0), new Lossy.WithDefault(42)),
        [typeof(Lossy.Hiding)] = OneOf<object?>(new Lossy.Hiding(), Lossy.Hiding.With("a", "b")),
        [typeof(JsonElement)] = OneOf<object?>(Lossy.Element("1.0"), Lossy.Element("""{"a":[null]}""")),
        [typeof(Uri)] = OneOf<object?>(null, new Uri("https://a.example/b"), new Uri("b/c", UriKind.Relative)),
    };

    private static readonly Type[] Keys = [typeof(string), typeof(int), typeof(Guid), typeof(DayOfWeek)];

    private static readonly Type[] Structs =
        [typeof(int), typeof(DateTime), typeof(decimal), typeof(double), typeof(Guid)];

    /// <summary>Any event: its class is closed over a random type.</summary>
    public static Gen<object> Any { get; } =
        from type in MemberType(3)
        from shape in OneOf(typeof(Lossy.Of<>), typeof(InBase<>), typeof(Mutable<>), typeof(InStruct<>),
            typeof(Lossy.InBoth<>))
        from value in ValueOf(shape.MakeGenericType(type))
        select value;

    private static Gen<Type> MemberType(int depth) => depth == 0
        ? OneOf([.. Leaves.Keys])
        : Gen.Int[0, 15].SelectMany(kind => kind switch
        {
            <= 3 => OneOf([.. Leaves.Keys]),
            4 => MemberType(depth - 1).Select(static one => one.MakeArrayType()),
            5 => Of(typeof(List<>), depth),
            6 => Gen.Select(OneOf(Keys), MemberType(depth - 1),
                static (key, one) => typeof(Dictionary<,>).MakeGenericType(key, one)),
            7 => Of(typeof(IReadOnlyList<>), depth),
            8 => OneOf(Structs).Select(static one => typeof(Nullable<>).MakeGenericType(one)),
            9 => Of(typeof(Stack<>), depth),
            10 => Of(typeof(Inner<>), depth),
            11 => Of(typeof(ValueTuple<,>), depth, typeof(string)),
            12 => OneOf(Keys).Select(static one => typeof(HashSet<>).MakeGenericType(one)),
            13 => Of(typeof(IEnumerable<>), depth),
            14 => Of(typeof(ImmutableList<>), depth),
            _ => Of(typeof(InBase<>), depth),
        });

    private static Gen<Type> Of(Type generic, int depth, params Type[] first) =>
        MemberType(depth - 1).Select(one => generic.MakeGenericType([.. first, one]));

    private static Gen<object?> ValueOf(Type type)
    {
        if (Leaves.TryGetValue(type, out var leaf)) return leaf;
        if (Nullable.GetUnderlyingType(type) is { } inner) return Gen.OneOf(ValueOf(inner), Gen.Const((object?)null));
        if (type.GetElementType() is { } element) return Listed(element).Select(one => (object?)Copied(one, element));
        var arguments = type.GetGenericArguments();
        var definition = type.GetGenericTypeDefinition();
        if (definition == typeof(List<>)) return Listed(arguments[0]).Select(static one => (object?)one);
        if (definition == typeof(Stack<>))
            return Listed(arguments[0]).Select(one => Activator.CreateInstance(type, one));
        if (definition == typeof(HashSet<>)) return Listed(arguments[0]).Select(one => (object?)Set(type, one));
        if (definition == typeof(ImmutableList<>))
            return Listed(arguments[0]).Select(one => typeof(ImmutableList).GetMethods()
                .First(static method => method.Name == "CreateRange" && method.GetParameters().Length == 1)
                .MakeGenericMethod(arguments).Invoke(null, [one]));
        if (definition == typeof(IReadOnlyList<>) || definition == typeof(IEnumerable<>))
            return Gen.Select(Listed(arguments[0]), Gen.Bool, (one, isList) =>
                isList ? (object?)one : Copied(one, arguments[0]));
        if (definition == typeof(Dictionary<,>))
            return Gen.Select(Listed(arguments[0]), Listed(arguments[1]), Gen.Bool, (keys, values, own) =>
                (object?)Dictionary(type, keys, values, own));
        return arguments.Select(ValueOf).Aggregate(
                Gen.Const(Array.Empty<object?>()),
                static (all, next) => Gen.Select(all, next, static (some, one) => (object?[])[.. some, one]))
            .Select(all => Activator.CreateInstance(type, all));
    }

    private static Gen<T> OneOf<T>(params T[] all) => Gen.Int[0, all.Length - 1].Select(at => all[at]);

    private static Gen<object?> AsObject<T>(this Gen<T> one) => one.Select(static value => (object?)value);

    private static Gen<IList> Listed(Type element) => ValueOf(element).List[0, 3].Select(all =>
    {
        var list = (IList)Activator.CreateInstance(typeof(List<>).MakeGenericType(element))!;
        foreach (var one in all) list.Add(one);
        return list;
    });

    private static Array Copied(IList list, Type element)
    {
        var array = Array.CreateInstance(element, list.Count);
        list.CopyTo(array, 0);
        return array;
    }

    private static object Set(Type type, IList items)
    {
        var set = Activator.CreateInstance(type)!;
        foreach (var one in items) type.GetMethod("Add")!.Invoke(set, [one]);
        return set;
    }

    private static object Dictionary(Type type, IList keys, IList values, bool own)
    {
        var made = own && type.GetGenericArguments()[0] == typeof(string)
            ? Activator.CreateInstance(type, StringComparer.OrdinalIgnoreCase)!
            : Activator.CreateInstance(type)!;
        for (var at = 0; at < Math.Min(keys.Count, values.Count); at++)
        {
            if (keys[at] is { } key) ((IDictionary)made)[key] = values[at];
        }

        return made;
    }

    /// <summary>What a value is, as text, without the code that is tested.</summary>
    public static string Describe(object? value) => value switch
    {
        null => "null",
        string text => $"\"{Convert.ToHexString(Encoding.BigEndianUnicode.GetBytes(Quoted(text)))}\"",
        double number => BitConverter.DoubleToInt64Bits(double.IsNaN(number) ? double.NaN : number).ToString("x"),
        float number => BitConverter.SingleToInt32Bits(float.IsNaN(number) ? float.NaN : number).ToString("x"),
        decimal number => Math.Abs(number).ToString(CultureInfo.InvariantCulture) + (number < 0),
        char one => $"{(int)one:x}",
        DateTime time => $"{time.Ticks}{time.Kind}",
        DateTimeOffset time => $"{time.Ticks}{time.Offset}",
        JsonElement json => json.GetRawText(),
        ValueType when value.GetType().IsPrimitive || value is Enum or Guid or TimeSpan or DateOnly or TimeOnly =>
            $"{value.GetType()} {value}",
        Uri or Version => value.ToString()!,
        IEnumerable items => $"{KindOf(items)}[{string.Join(',', items.Cast<object?>().Select(Describe))}]",
        _ => $"{value.GetType()}{{{string.Join(',', FieldsOf(value))}}}",
    };

    // Escaped, as half of a surrogate pair has no bytes of its own.
    private static string Quoted(string text) =>
        string.Concat(text.Select(static one => $"{(int)one:x4}"));

    private static string KindOf(IEnumerable items) => items.GetType() is { IsArray: false } type
        ? $"{type.GetGenericTypeDefinition()}{type.GetProperty("Comparer")?.GetValue(items)}".Replace(
            typeof(List<>).ToString(), "list", StringComparison.Ordinal)
        : "list";

    private static IEnumerable<string> FieldsOf(object value)
    {
        for (var at = value.GetType(); at is not null; at = at.BaseType)
        {
            foreach (var field in at.GetFields(
                System.Reflection.BindingFlags.Instance | System.Reflection.BindingFlags.Public
                | System.Reflection.BindingFlags.NonPublic | System.Reflection.BindingFlags.DeclaredOnly))
                yield return $"{at.Name}.{field.Name}={Describe(field.GetValue(value))}";
        }
    }

    internal record Base<T>(T Value);

    internal sealed record InBase<T>(T Value) : Base<T>(Value), IOrderEvent;

    internal sealed record Inner<T>(T Value)
    {
        [JsonPropertyName("other name")]
        public int Other { get; init; } = 7;
    }

    internal sealed class Mutable<T>(T value) : IOrderEvent
    {
        public T Value { get; set; } = value;
    }

    internal readonly record struct InStruct<T>(T Value) : IOrderEvent;
}
