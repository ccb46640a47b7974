using System.Linq.Expressions;
using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Granary.Runtime;

/// <summary>
/// Reads events of one type that stand as the serializer writes them, which is nearly every event of a log: the
/// members in their order, each of a plain kind, and a constructor that takes them all, as a record's does. Whatever
/// stands otherwise is left to the serializer, so that both always come to the same.
/// </summary>
internal sealed class CompiledJson
{
    private static readonly Dictionary<Type, string> Getters = new()
    {
        [typeof(string)] = nameof(TryText),
        [typeof(bool)] = nameof(TryBoolean),
        [typeof(int)] = nameof(TryInt32),
        [typeof(long)] = nameof(TryInt64),
        [typeof(double)] = nameof(TryDouble),
        [typeof(decimal)] = nameof(TryDecimal),
        [typeof(Guid)] = nameof(TryGuid),
        [typeof(DateTimeOffset)] = nameof(TryInstant),
    };

    private readonly Make _make;

    private CompiledJson(Make make) => _make = make;

    // Null where the members are not as expected.
    private delegate object? Make(ref Utf8JsonReader reader);

    /// <summary>A reader of a type, or null where the type is not of this kind.</summary>
    public static CompiledJson? Of(JsonTypeInfo info)
    {
        var isPlain = info is
        {
            Kind: JsonTypeInfoKind.Object, CreateObject: null, PolymorphismOptions: null, OnDeserializing: null,
            OnDeserialized: null, Options: { ReferenceHandler: null, Converters.Count: 0 },
        };
        if (!isPlain || info.ConstructorAttributeProvider is not ConstructorInfo constructor) return null;
        var isWhole = info.Properties.Count == constructor.GetParameters().Length
            && info.Properties.All(static one => one is { CustomConverter: null, Get: not null, IsExtensionData: false }
                && one.AssociatedParameter?.ParameterType == one.PropertyType
                && Getters.ContainsKey(one.PropertyType));
        return isWhole ? new CompiledJson(Compile(info, constructor)) : null;
    }

    /// <summary>The event, or null where the serializer is to read it, or to say what is wrong with it.</summary>
    public object? TryRead(ReadOnlySpan<byte> json)
    {
        try
        {
            var reader = new Utf8JsonReader(json);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) return null;
            var made = _make(ref reader);
            return made is not null && !reader.Read() ? made : null;
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }

    // All the members, then the end, and only then the constructor.
    private static Make Compile(JsonTypeInfo info, ConstructorInfo constructor)
    {
        var reader = Expression.Parameter(typeof(Utf8JsonReader).MakeByRefType());
        var values = new ParameterExpression[info.Properties.Count];
        Expression isThere = Expression.Constant(true);
        foreach (var property in info.Properties)
        {
            var value = Expression.Variable(property.PropertyType);
            values[property.AssociatedParameter!.Position] = value;
            var name = Expression.Constant(Encoding.UTF8.GetBytes(property.Name));
            isThere = Expression.AndAlso(isThere, Call(Getters[property.PropertyType], reader, name, value));
        }

        var made = Expression.Condition(
            Expression.AndAlso(isThere, Call(nameof(IsAtEnd), reader)),
            Expression.Convert(Expression.New(constructor, values), typeof(object)),
            Expression.Constant(null, typeof(object)));
        return Expression.Lambda<Make>(Expression.Block(values, made), reader).Compile();
    }

    private static MethodCallExpression Call(string method, params Expression[] arguments) => Expression.Call(
        typeof(CompiledJson).GetMethod(method, BindingFlags.Static | BindingFlags.NonPublic)!, arguments);

    private static bool IsAt(ref Utf8JsonReader reader, byte[] name, JsonTokenType kind) =>
        reader.Read() && reader.TokenType == JsonTokenType.PropertyName && reader.ValueTextEquals(name)
        && reader.Read() && reader.TokenType == kind;

    private static bool IsAtEnd(ref Utf8JsonReader reader) =>
        reader.Read() && reader.TokenType == JsonTokenType.EndObject;

    private static bool TryText(ref Utf8JsonReader reader, byte[] name, out string? value)
    {
        var isThere = IsAt(ref reader, name, JsonTokenType.String);
        value = isThere ? reader.GetString() : null;
        return isThere;
    }

    private static bool TryBoolean(ref Utf8JsonReader reader, byte[] name, out bool value)
    {
        // A value is False only where its name was the right one: a name's token is a name.
        value = IsAt(ref reader, name, JsonTokenType.True);
        return value || reader.TokenType == JsonTokenType.False;
    }

    private static bool TryInt32(ref Utf8JsonReader reader, byte[] name, out int value)
    {
        value = 0;
        return IsAt(ref reader, name, JsonTokenType.Number) && reader.TryGetInt32(out value);
    }

    private static bool TryInt64(ref Utf8JsonReader reader, byte[] name, out long value)
    {
        value = 0;
        return IsAt(ref reader, name, JsonTokenType.Number) && reader.TryGetInt64(out value);
    }

    private static bool TryDouble(ref Utf8JsonReader reader, byte[] name, out double value)
    {
        value = 0;
        return IsAt(ref reader, name, JsonTokenType.Number) && reader.TryGetDouble(out value);
    }

    private static bool TryDecimal(ref Utf8JsonReader reader, byte[] name, out decimal value)
    {
        value = 0;
        return IsAt(ref reader, name, JsonTokenType.Number) && reader.TryGetDecimal(out value);
    }

    private static bool TryGuid(ref Utf8JsonReader reader, byte[] name, out Guid value)
    {
        value = Guid.Empty;
        return IsAt(ref reader, name, JsonTokenType.String) && reader.TryGetGuid(out value);
    }

    private static bool TryInstant(ref Utf8JsonReader reader, byte[] name, out DateTimeOffset value)
    {
        value = default;
        return IsAt(ref reader, name, JsonTokenType.String) && reader.TryGetDateTimeOffset(out value);
    }
}
