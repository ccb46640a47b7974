using System.Collections;
using System.Collections.Concurrent;
using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.ConstrainedExecution;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Granary.Runtime;

/// <summary>What an object inside a state is to the state.</summary>
internal enum StateKind
{
    /// <summary>A part of the state that may change: copied.</summary>
    Owned,

    /// <summary>It never changes: shared by all copies.</summary>
    Value,

    /// <summary>Not the state's own, as a grain reference or a service: shared by all copies.</summary>
    Foreign,

    /// <summary>It can be neither copied nor shared: a delegate may refer to the state that it was made in.</summary>
    Refused,
}

/// <summary>Classifies the types of the objects inside states.</summary>
internal static class StateKinds
{
    private const BindingFlags Declared =
        BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    private static readonly ConcurrentDictionary<Type, StateKind> Kinds = new();
    private static readonly ConcurrentDictionary<Type, bool> Referring = new();

    private static readonly Type[] Values =
    [
        typeof(string), typeof(MemberInfo), typeof(Module), typeof(Assembly), typeof(Uri), typeof(Version),
        typeof(CultureInfo), typeof(CompareInfo), typeof(TimeZoneInfo), typeof(Encoding), typeof(Regex),
        typeof(JsonDocument), typeof(JsonElement), typeof(DBNull), typeof(System.Net.IPAddress),
    ];

    private static readonly Type[] Foreigners =
    [
        typeof(IAddressable), typeof(IGrainBase), typeof(IGrainContext), typeof(IGrainFactory),
        typeof(IServiceProvider), typeof(TimeProvider), typeof(JsonSerializerOptions),
    ];

    private static readonly Type[] Refusals =
    [
        typeof(Delegate), typeof(Task), typeof(Thread), typeof(MarshalByRefObject), typeof(CriticalFinalizerObject),
        typeof(CancellationTokenSource), typeof(ExecutionContext), typeof(Pointer), typeof(WeakReference),
    ];

    private static readonly MethodInfo Refers = typeof(RuntimeHelpers)
        .GetMethod(nameof(RuntimeHelpers.IsReferenceOrContainsReferences))!;

    /// <summary>The kind of objects of exactly this type.</summary>
    public static StateKind Of(Type type) => Kinds.GetOrAdd(type, static type => Classify(type));

    /// <summary>Whether a field or an element of this type can lead to further objects.</summary>
    public static bool CanHoldReferences(Type type) => !type.IsPointer && !type.IsByRefLike && type != typeof(string)
        && (!type.IsValueType || Referring.GetOrAdd(
            type, static type => (bool)Refers.MakeGenericMethod(type).Invoke(null, null)!));

    /// <summary>Whether a type is .NET's, Orleans' or another part of what Granary runs on.</summary>
    public static bool IsFramework(Type type) => FrameworkAssemblies.Contain(type.Assembly);

    /// <summary>The fields of a type and its base types, the type's own first, each in the declared order.</summary>
    public static IEnumerable<FieldInfo> FieldsOf(Type type)
    {
        for (var at = type; at is not null && at != typeof(object) && at != typeof(ValueType); at = at.BaseType)
        {
            foreach (var field in at.GetFields(Declared).OrderBy(static field => field.MetadataToken))
                yield return field;
        }
    }

    /// <summary>The first member of a state type whose declared type is refused; null where there is none.</summary>
    public static FieldInfo? FirstRefused(Type stateType) => FirstRefused(stateType, []);

    private static FieldInfo? FirstRefused(Type type, HashSet<Type> seen)
    {
        if (!seen.Add(type) || IsFramework(type)) return null;
        var isGenerated = type.IsDefined(typeof(GenerateSerializerAttribute), inherit: false);
        foreach (var field in FieldsOf(type))
        {
            if (isGenerated && field.IsDefined(typeof(NonSerializedAttribute))) continue;
            foreach (var inside in Inside(field.FieldType))
            {
                if (Of(inside) == StateKind.Refused) return field;
                if (FirstRefused(inside, seen) is { } found) return found;
            }
        }

        return null;
    }

    private static IEnumerable<Type> Inside(Type type)
    {
        // What a comparer is made of is its own.
        if (Of(type) is StateKind.Value or StateKind.Foreign) yield break;
        yield return type;
        var parts = type.GetElementType() is { } element && !type.IsPointer ? [element] : type.GetGenericArguments();
        if (!type.HasElementType && !IsFramework(type)) yield break;
        foreach (var part in parts)
        foreach (var inside in Inside(part)) yield return inside;
    }

    private static StateKind Classify(Type type)
    {
        if (type.IsPointer || type.IsFunctionPointer || IsAny(Refusals, type) || IsOfThreads(type))
            return StateKind.Refused;
        if (!CanHoldReferences(type) || IsAny(Values, type)) return StateKind.Value;
        if (IsFramework(type) && IsComparer(type)) return StateKind.Value;
        if (IsAny(Foreigners, type)) return StateKind.Foreign;
        if (IsFramework(type) && !IsSystem(type)) return StateKind.Foreign;
        return HasFinalizer(type) ? StateKind.Refused : StateKind.Owned;
    }

    // What such an object holds is not in its fields but in its threads'.
    private static bool IsOfThreads(Type type) => type.IsGenericType
        && (type.GetGenericTypeDefinition() == typeof(ConcurrentBag<>)
            || type.GetGenericTypeDefinition() == typeof(ThreadLocal<>));

    // A copy would free what the original holds as well: a weak reference's handle, twice, ends the process.
    private static bool HasFinalizer(Type type) => type is { IsClass: true }
        && type.GetMethod("Finalize", BindingFlags.Instance | BindingFlags.NonPublic, []) is { } finalizer
        && finalizer.DeclaringType != typeof(object);

    private static bool IsAny(Type[] bases, Type type) => Array.Exists(bases, one => one.IsAssignableFrom(type));

    private static bool IsComparer(Type type) => typeof(IEqualityComparer).IsAssignableFrom(type)
        || typeof(IComparer).IsAssignableFrom(type)
        || Array.Exists(type.IsInterface ? [.. type.GetInterfaces(), type] : type.GetInterfaces(), static one =>
            one.IsGenericType && (one.GetGenericTypeDefinition() == typeof(IEqualityComparer<>)
                || one.GetGenericTypeDefinition() == typeof(IComparer<>)));

    // Assemblies of data, collections among them; what other framework assemblies define are services.
    private static bool IsSystem(Type type) => type.Assembly.GetName().Name is { } name
        && (name.StartsWith("System.", StringComparison.Ordinal)
            || name.StartsWith("Microsoft.VisualBasic", StringComparison.Ordinal)
            || name is "System" or "mscorlib" or "netstandard" or "FSharp.Core");
}
