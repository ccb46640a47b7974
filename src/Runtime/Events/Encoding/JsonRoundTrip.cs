using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Granary.Runtime;

/// <summary>
/// Proves of a type that its events are equal after they were written as JSON and read. A type is proved where every
/// member, and every member of these, is of a kind of a closed list, is always written, and is set from what was
/// written without any code of the application in between. What is not proved is in doubt, not lost: its events are
/// compared one by one.
/// </summary>
internal sealed class JsonRoundTrip
{
    // Deeper than any proved type may be; the serializer's own bound is 64.
    private const int DepthMax = 24;

    private static readonly HashSet<Type> Plain =
    [
        typeof(bool), typeof(byte), typeof(sbyte), typeof(short), typeof(ushort), typeof(int), typeof(uint),
        typeof(long), typeof(ulong), typeof(float), typeof(double), typeof(decimal), typeof(char), typeof(string),
        typeof(Guid), typeof(DateTime), typeof(DateTimeOffset), typeof(TimeSpan), typeof(DateOnly), typeof(TimeOnly),
        typeof(Version), typeof(byte[]),
    ];

    private static readonly HashSet<Type> Keys =
        [typeof(string), typeof(int), typeof(long), typeof(short), typeof(byte), typeof(uint), typeof(Guid)];

    private readonly JsonSerializerOptions _options;
    private readonly HashSet<Type> _around = [];
    private int _depth;
    private Func<object, bool>? _guard;

    private JsonRoundTrip(JsonSerializerOptions options) => _options = options;

    /// <summary>The first thing that keeps the type from being proved; null where it is proved.</summary>
    public string? Doubt { get; private set; }

    /// <summary>Analyses a type.</summary>
    public static JsonRoundTrip Of(JsonTypeInfo info)
    {
        var roundTrip = new JsonRoundTrip(info.Options);
        roundTrip.Doubt = JsonOptionsProof.DoubtOf(info.Options) is { } option
            ? $"the option {option}"
            : info.Kind == JsonTypeInfoKind.Object ? roundTrip.DoubtOf(info) : $"{info.Type} is no plain object";
        if (roundTrip.Doubt is null) roundTrip._guard = ValueGuard.Of(info);
        return roundTrip;
    }

    /// <summary>
    /// Whether the type is proved and the event's lists, dictionaries and times are of the kinds that the proof is for.
    /// </summary>
    public bool IsKept(object @event) => Doubt is null && (_guard is null || _guard(@event));

    private string? DoubtOf(Type declared, string member)
    {
        if (_depth == DepthMax) return $"{member} is nested too deep";
        _depth++;
        var doubt = DoubtOfKind(declared, member);
        _depth--;
        return doubt;
    }

    private string? DoubtOfKind(Type declared, string member)
    {
        var type = Nullable.GetUnderlyingType(declared) ?? declared;
        if (Plain.Contains(type)) return null;
        if (type.IsEnum) return HasConverter(type) ? $"{member} has a converter" : null;
        if (type.IsSZArray) return DoubtOf(type.GetElementType()!, $"{member}[]");
        if (_around.Contains(type)) return $"{member} may be nested without end";
        var definition = type.IsGenericType ? type.GetGenericTypeDefinition() : null;
        if (definition == typeof(List<>)) return DoubtOf(type.GetGenericArguments()[0], $"{member}[]");
        if (definition == typeof(HashSet<>))
            return Keys.Contains(type.GetGenericArguments()[0]) ? null : $"{member} is a set of objects";
        if (definition == typeof(Dictionary<,>))
            return Keys.Contains(type.GetGenericArguments()[0])
                ? DoubtOf(type.GetGenericArguments()[1], $"{member}[]")
                : $"{member} has keys that are written as text";
        if (type is { IsSealed: false, IsValueType: false })
            return $"{member} may be of a class that derives from {type}";
        return InfoOf(type) is { Kind: JsonTypeInfoKind.Object } info
            ? DoubtOf(info)
            : $"{member} is a {type}";
    }

    private string? DoubtOf(JsonTypeInfo info)
    {
        _around.Add(info.Type);
        try
        {
            return DoubtOfContract(info) ?? DoubtOfMembers(info);
        }
        finally
        {
            _around.Remove(info.Type);
        }
    }

    private static string? DoubtOfContract(JsonTypeInfo info) => info switch
    {
        { PolymorphismOptions: not null } => $"{info.Type} is polymorphic",
        { NumberHandling: not null } or { PreferredPropertyObjectCreationHandling: not null }
            or { UnmappedMemberHandling: not null } => $"{info.Type} has settings of its own",
        { OnSerializing: not null } or { OnSerialized: not null } or { OnDeserializing: not null }
            or { OnDeserialized: not null } => $"{info.Type} takes part in its serialization",
        _ when HasConverter(info.Type) => $"{info.Type} has a converter",
        _ => null,
    };

    private string? DoubtOfMembers(JsonTypeInfo info)
    {
        var assigned = AssignedBy(info);
        if (assigned is null) return $"{info.Type} is made by a constructor that does more than assign members";
        if (ContentFields.AreExcludedFrom(info.Type)) return $"{info.Type} has members that are not stored";
        var open = ContentFields.Of(info.Type).ToHashSet();
        if (open.Count != open.Select(ContentFields.NameOf).Distinct().Count()) return $"{info.Type} hides a member";
        foreach (var member in info.Properties)
        {
            var name = $"{info.Type.Name}.{member.Name}";
            if (DoubtOfMember(member, name, assigned, open) is { } doubt) return doubt;
        }

        return open.FirstOrDefault() is { } left
            ? $"{info.Type.Name}.{ContentFields.NameOf(left)} is not written"
            : null;
    }

    private string? DoubtOfMember(
        JsonPropertyInfo member, string name, Dictionary<FieldInfo, int> assigned, HashSet<FieldInfo> open)
    {
        var isSet = member.Set is not null || member.AssociatedParameter is not null;
        if (member.Get is null) return isSet ? $"{name} is only set" : null;
        var isPlain = member is
        {
            CustomConverter: null, IsExtensionData: false, ShouldSerialize: null, NumberHandling: null,
            ObjectCreationHandling: null, AttributeProvider: MemberInfo,
        };
        var of = member.AttributeProvider as MemberInfo;
        if (!isPlain || of!.IsDefined(typeof(JsonIgnoreAttribute)) || member.Name.StartsWith('$'))
            return $"{name} has settings of its own";
        var field = of as FieldInfo;
        if (of is PropertyInfo { GetMethod: { } get }) field = TrivialCode.FieldReturnedBy(get);

        // A member that is computed is written and passed over when it is read.
        if (!isSet)
            return field is null || !open.Contains(field) ? DoubtOf(member.PropertyType, name) : $"{name} is not set";
        if (field is null || field.FieldType != member.PropertyType) return $"{name} is computed";
        if (!IsSetPlainly(member, of!, field, assigned)) return $"{name} is set by code of its own";
        return open.Remove(field) ? DoubtOf(member.PropertyType, name) : $"{name} holds the value of another member";
    }

    private static bool IsSetPlainly(
        JsonPropertyInfo member, MemberInfo of, FieldInfo field, Dictionary<FieldInfo, int> assigned)
    {
        if (member.AssociatedParameter is { IsMemberInitializer: false } parameter)
            return parameter.ParameterType == field.FieldType
                && assigned.TryGetValue(field, out var position) && position == parameter.Position;
        return of is FieldInfo { IsInitOnly: false }
            || (of is PropertyInfo { SetMethod: { } set } && TrivialCode.FieldSetBy(set) == field);
    }

    private static Dictionary<FieldInfo, int>? AssignedBy(JsonTypeInfo info)
    {
        var constructor = info.ConstructorAttributeProvider as ConstructorInfo;
        if (constructor is null && info.Type.IsValueType && info.CreateObject is not null
            && info.Type.GetConstructor(Type.EmptyTypes) is null) return [];
        return constructor is null ? null : TrivialCode.FieldsAssignedBy(constructor);
    }

    private static bool HasConverter(Type type) => type.IsDefined(typeof(JsonConverterAttribute), inherit: true);

    private JsonTypeInfo? InfoOf(Type type)
    {
        try
        {
            return _options.GetTypeInfo(type);
        }
        catch (Exception fault) when (fault is NotSupportedException or InvalidOperationException)
        {
            return null;
        }
    }
}
