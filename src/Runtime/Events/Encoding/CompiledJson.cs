using System.Linq.Expressions;
using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Granary.Runtime;

/// <summary>
/// Reads events of one type that are written as the serializer writes them, which is nearly every event of a log: the
/// members in their order, each of a plain kind, and a constructor that takes them all, as a record's does. Any
/// other text is left to the serializer, so that both always return the same.
/// </summary>
internal sealed class CompiledJson
{
    // The reader's own methods, as the serializer calls them too, and the kind of token that each takes.
    private static readonly Dictionary<Type, (string Method, JsonTokenType Kind)> Getters = new()
    {
        [typeof(string)] = (nameof(Utf8JsonReader.GetString), JsonTokenType.String),
        [typeof(int)] = (nameof(Utf8JsonReader.TryGetInt32), JsonTokenType.Number),
        [typeof(long)] = (nameof(Utf8JsonReader.TryGetInt64), JsonTokenType.Number),
        [typeof(double)] = (nameof(Utf8JsonReader.TryGetDouble), JsonTokenType.Number),
        [typeof(decimal)] = (nameof(Utf8JsonReader.TryGetDecimal), JsonTokenType.Number),
        [typeof(Guid)] = (nameof(Utf8JsonReader.TryGetGuid), JsonTokenType.String),
        [typeof(DateTimeOffset)] = (nameof(Utf8JsonReader.TryGetDateTimeOffset), JsonTokenType.String),
        [typeof(bool)] = (nameof(TryBoolean), JsonTokenType.True),
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

    /// <summary>The event, or null where the serializer is to read it, or to report what is wrong with it.</summary>
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
            isThere = Expression.AndAlso(isThere, ReadMember(reader, Encoding.UTF8.GetBytes(property.Name), value));
        }

        var made = Expression.Condition(
            Expression.AndAlso(isThere, Call(nameof(IsAtEnd), reader)),
            Expression.Convert(Expression.New(constructor, values), typeof(object)),
            Expression.Constant(null, typeof(object)));
        return Expression.Lambda<Make>(Expression.Block(values, made), reader).Compile();
    }

    private static Expression ReadMember(ParameterExpression reader, byte[] utf8Name, ParameterExpression value)
    {
        var (method, kind) = Getters[value.Type];
        var name = Expression.Constant(utf8Name);
        if (value.Type == typeof(bool)) return Call(method, reader, name, value);
        var isAt = Call(nameof(IsAt), reader, name, Expression.Constant(kind));
        var get = typeof(Utf8JsonReader).GetMethod(method)!;
        var read = value.Type == typeof(string)
            ? Expression.Block(Expression.Assign(value, Expression.Call(reader, get)), Expression.Constant(true))
            : (Expression)Expression.Call(reader, get, value);
        return Expression.AndAlso(isAt, read);
    }

    private static MethodCallExpression Call(string method, params Expression[] arguments) => Expression.Call(
        typeof(CompiledJson).GetMethod(method, BindingFlags.Static | BindingFlags.NonPublic)!, arguments);

    private static bool IsAt(ref Utf8JsonReader reader, byte[] name, JsonTokenType kind) =>
        reader.Read() && reader.TokenType == JsonTokenType.PropertyName && reader.ValueTextEquals(name)
        && reader.Read() && reader.TokenType == kind;

    private static bool IsAtEnd(ref Utf8JsonReader reader) =>
        reader.Read() && reader.TokenType == JsonTokenType.EndObject;

    private static bool TryBoolean(ref Utf8JsonReader reader, byte[] name, out bool value)
    {
        // A value is False only where its name was the right one: a name's token is a name.
        value = IsAt(ref reader, name, JsonTokenType.True);
        return value || reader.TokenType == JsonTokenType.False;
    }
}
