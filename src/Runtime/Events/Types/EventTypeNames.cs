using System.Collections.Concurrent;
using System.Reflection;
using System.Text.RegularExpressions;

namespace Granary.Runtime;

/// <summary>The names under which event types are stored: contracts, not class names.</summary>
internal static partial class EventTypeNames
{
    private static readonly ConcurrentDictionary<Type, string> Known = new();

    /// <summary>The type's <c>[Alias]</c>, else its full name without assemblies.</summary>
    /// <exception cref="EventNotEncodableException">The name is one of Granary's own.</exception>
    public static string Of(Type type) => Known.GetOrAdd(type, static type =>
    {
        var name = ForErrors(type);
        return EventTypes.IsReserved(name)
            ? throw new EventNotEncodableException(name,
                $"names that begin with {EventTypes.Prefix} are Granary's own.")
            : name;
    });

    /// <summary>The same name, also where it is one of Granary's own, which no event is stored under.</summary>
    public static string ForErrors(Type type) => type.GetCustomAttribute<AliasAttribute>(inherit: false)?.Alias
        ?? AssemblyPart().Replace(type.FullName!, "");

    /// <summary>The type's <c>[SchemaVersion]</c>, else 1.</summary>
    public static int SchemaVersionOf(Type type) =>
        type.GetCustomAttribute<SchemaVersionAttribute>(inherit: false)?.Version ?? 1;

    // A closed generic's full name carries the assemblies of its arguments, versions included.
    [GeneratedRegex(@", [^,\[\]]+, Version=[^,\[\]]+, Culture=[^,\[\]]+, PublicKeyToken=[^,\[\]]+")]
    private static partial Regex AssemblyPart();
}
