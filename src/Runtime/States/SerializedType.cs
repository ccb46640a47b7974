using System.Collections.Concurrent;
using System.Reflection;

namespace Granary.Runtime;

/// <summary>
/// What is known of how Orleans serializes and copies objects of exactly one type. Found once per type, so that a state
/// whose declared types leave nothing open costs nothing more.
/// </summary>
internal sealed class SerializedType
{
    private static readonly ConcurrentDictionary<Type, SerializedType> Known = new();

    private SerializedType(string? unproved, FieldInfo[] inspected, bool inspectsItems) =>
        (Unproved, Inspected, InspectsItems) = (unproved, inspected, inspectsItems);

    /// <summary>Why Orleans may lose or share something of such an object; null where it is proved not to.</summary>
    public string? Unproved { get; }

    /// <summary>The fields that may refer to objects of types that only the object itself shows.</summary>
    public FieldInfo[] Inspected { get; }

    /// <summary>Whether the items of the collection have to be inspected.</summary>
    public bool InspectsItems { get; }

    /// <summary>Whether the type alone is enough: no object of it has to be inspected.</summary>
    public bool IsClosed => Unproved is null && Inspected.Length == 0 && !InspectsItems;

    public static SerializedType Of(Type type) => Known.GetOrAdd(type, static type => Describe(type, []));

    private static SerializedType Describe(Type type, HashSet<Type> inProgress)
    {
        if (IsLeaf(type)) return new(null, [], false);
        if (type.IsArray) return DescribeArray(type, inProgress);
        if (IsCollection(type))
            return new(null, [], !type.GetGenericArguments().All(one => IsClosedField(one, inProgress)));
        if (Nullable.GetUnderlyingType(type) is { } inner) return Describe(inner, inProgress);
        if (!type.IsDefined(typeof(GenerateSerializerAttribute), inherit: false))
            return new($"{type} has no [GenerateSerializer]", [.. FieldsWithReferences(type)], false);
        return DescribeGenerated(type, inProgress);
    }

    private static SerializedType DescribeArray(Type type, HashSet<Type> inProgress)
    {
        var element = type.GetElementType()!;
        var unproved = type.IsSZArray ? null : $"{type} has several dimensions";
        return new(unproved, [], !IsClosedField(element, inProgress));
    }

    private static SerializedType DescribeGenerated(Type type, HashSet<Type> inProgress)
    {
        var unproved = SerializedMembers.FirstLeftOutOf(type) is { } member ? $"{member} has no [Id]" : null;
        for (var at = type; at is not null && at != typeof(object) && at != typeof(ValueType); at = at.BaseType)
        {
            if (!at.IsDefined(typeof(GenerateSerializerAttribute), inherit: false))
                unproved ??= $"{at} has no [GenerateSerializer]";
            else if (at.IsDefined(typeof(SerializationCallbacksAttribute), inherit: false))
                unproved ??= $"{at} has serialization callbacks";
            else if (SerializedMembers.ComputedOf(at).FirstOrDefault() is { } computed)
                unproved ??= $"{at}.{computed.Name} is computed";
            else
                unproved ??= DoubtOfAttributes(at) ?? DoubtOfAccessors(at);
        }

        // Orleans shares what is marked as immutable.
        if (type.IsDefined(typeof(ImmutableAttribute), inherit: false) && !IsReadOnly(type))
            unproved ??= $"{type} is marked [Immutable] and has members that can be set";

        inProgress.Add(type);
        var inspected = FieldsWithReferences(type)
            .Where(static field => !field.IsDefined(typeof(NonSerializedAttribute)))
            .Where(field => !IsClosedField(field.FieldType, inProgress)).ToArray();
        inProgress.Remove(type);
        return new(unproved, inspected, false);
    }

    private static string? DoubtOfAttributes(Type type)
    {
        if (type.IsDefined(typeof(OmitDefaultMemberValuesAttribute), inherit: false))
            return $"{type} omits members with default values";
        if (type.IsClass && type.IsDefined(typeof(SuppressReferenceTrackingAttribute), inherit: false))
            return $"{type} does not track references";

        if (SerializedMembers.FirstMarked(type, typeof(NonSerializedAttribute)) is { } dropped)
            return $"{SerializedMembers.FullNameOf(dropped)} is marked [NonSerialized]";

        // Orleans shares what is in such a member.
        var shared = SerializedMembers.FirstMarked(type, typeof(ImmutableAttribute));
        return shared is not null && !IsLeaf(shared.FieldType)
            ? $"{SerializedMembers.FullNameOf(shared)} is marked [Immutable]"
            : null;
    }

    // Orleans calls a property's accessors. One that overrides another counts as computed.
    private static string? DoubtOfAccessors(Type type) => SerializedMembers.AutomaticOf(type).FirstOrDefault(
        static property => (property.GetMethod is { } get && TrivialCode.FieldReturnedBy(get) is null)
            || (property.SetMethod is { } set && TrivialCode.FieldSetBy(set) is null)) is { } withCode
            ? $"{type}.{withCode.Name} has code of its own"
            : null;

    // A type that holds itself is inspected: only the objects show how deep they nest.
    private static bool IsClosedField(Type type, HashSet<Type> inProgress) => IsLeaf(type)
        || ((type.IsValueType || type.IsSealed) && !inProgress.Contains(type)
            && (Known.TryGetValue(type, out var known) ? known : Describe(type, inProgress)).IsClosed);

    private static bool IsReadOnly(Type type) => StateKinds.FieldsOf(type).All(static field =>
        field.IsInitOnly && (StateKinds.Of(field.FieldType) == StateKind.Value && IsLeaf(field.FieldType)));

    private static IEnumerable<FieldInfo> FieldsWithReferences(Type type) =>
        StateKinds.FieldsOf(type).Where(static field => StateKinds.CanHoldReferences(field.FieldType));

    private static bool IsCollection(Type type) => type.IsGenericType
        && (type.GetGenericTypeDefinition() is var definition)
        && (definition == typeof(List<>) || definition == typeof(Dictionary<,>) || definition == typeof(HashSet<>));

    private static bool IsLeaf(Type type) => type.IsPrimitive || type.IsEnum || type == typeof(string)
        || type == typeof(decimal) || type == typeof(Guid) || type == typeof(DateTime)
        || type == typeof(DateTimeOffset) || type == typeof(TimeSpan) || type == typeof(DateOnly)
        || type == typeof(TimeOnly)
        || (Nullable.GetUnderlyingType(type) is { } inner && IsLeaf(inner));
}
