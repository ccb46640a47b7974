using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Reflection;
using Microsoft.Extensions.Options;
using Orleans.Serialization.Configuration;

namespace Granary.Runtime;

/// <summary>
/// Which types the stored names stand for. Only types known beforehand are ever made: those of the application's own
/// assemblies, never one that a stored name asks for.
/// </summary>
internal sealed class EventTypeRegistry(IOptions<GranaryEventOptions> options, IOptions<TypeManifestOptions> manifest)
{
    private readonly Lazy<FrozenSet<Assembly>> _assemblies = new(() => manifest.Value.WellKnownTypeAliases.Values
        .Concat(manifest.Value.InterfaceImplementations)
        .Concat(manifest.Value.Serializers)
        .Select(static type => type.Assembly)
        .Where(static assembly => !IsFramework(assembly))
        .ToFrozenSet());

    private readonly ConcurrentDictionary<Type, FrozenDictionary<string, Type>> _byBase = new();
    private readonly ConcurrentDictionary<Type, Type[]> _all = new();

    /// <summary>The names of all event types with a common base; looked up once.</summary>
    /// <exception cref="InvalidOperationException">Two types have one name.</exception>
    public FrozenDictionary<string, Type> TypesOf(Type eventBase) => _byBase.GetOrAdd(eventBase, Find);

    /// <summary>All event types with a common base, each once.</summary>
    public IReadOnlyCollection<Type> AllOf(Type eventBase) =>
        _all.GetOrAdd(eventBase, of => [.. TypesOf(of).Values.Distinct()]);

    private FrozenDictionary<string, Type> Find(Type eventBase)
    {
        var found = new Dictionary<string, Type>(StringComparer.Ordinal);
        var ambiguous = new HashSet<string>(StringComparer.Ordinal);
        foreach (var type in _assemblies.Value.Append(eventBase.Assembly).Distinct().SelectMany(TypesIn))
        {
            if (!IsEvent(type, eventBase)) continue;
            var alias = type.GetCustomAttribute<AliasAttribute>(inherit: false)?.Alias;
            if (EventTypes.IsReserved(alias ?? type.FullName!)) continue;
            if (alias is null)
            {
                if (!found.TryAdd(type.FullName!, type)) ambiguous.Add(type.FullName!);
            }
            else
            {
                Add(found, alias, type);
            }
        }

        // Only what is raised has to have a name of its own: encoding refuses what is not known under its name.
        foreach (var name in ambiguous) found.Remove(name);

        foreach (var (name, type) in options.Value.Names)
        {
            if (eventBase.IsAssignableFrom(type)) Add(found, name, type);
        }

        return found.ToFrozenDictionary(StringComparer.Ordinal);
    }

    private static void Add(Dictionary<string, Type> found, string name, Type type)
    {
        if (!found.TryAdd(name, type) && found[name] != type)
            throw new InvalidOperationException(
                $"Event types {found[name]} and {type} have one name, {name}. Give each an [Alias] of its own.");
    }

    private static bool IsEvent(Type type, Type eventBase) =>
        type is { IsClass: true, IsAbstract: false, ContainsGenericParameters: false }
            && eventBase.IsAssignableFrom(type);

    /// <summary>Whether an assembly is .NET's or Orleans' own.</summary>
    public static bool IsFramework(Assembly assembly) => assembly.GetName().Name is { } name
        && (name.StartsWith("System.", StringComparison.Ordinal) || name.StartsWith("Orleans.",
            StringComparison.Ordinal)
            || name is "System" or "mscorlib" or "netstandard");

    /// <summary>The types of an application's assembly; none of a framework's.</summary>
    public static Type[] TypesIn(Assembly assembly)
    {
        try
        {
            return IsFramework(assembly) ? [] : assembly.GetTypes();
        }
        catch (ReflectionTypeLoadException partly)
        {
            // What cannot be loaded cannot be an event; a stored one of it fails its replay by name.
            return [.. partly.Types.OfType<Type>()];
        }
    }
}
