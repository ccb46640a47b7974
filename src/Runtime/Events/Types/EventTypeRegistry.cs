using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Reflection;
using Microsoft.Extensions.Options;
using Orleans.EventSourcing;
using Orleans.Providers;
using Orleans.Serialization.Configuration;

namespace Granary.Runtime;

/// <summary>
/// Finds the types of stored names. Only types known beforehand are ever made: those of the application's own
/// assemblies, never one that only a stored name requests. A struct is an event like a class.
/// </summary>
internal sealed class EventTypeRegistry(IOptions<GranaryEventOptions> options, IOptions<TypeManifestOptions> manifest)
{
    private readonly Lazy<FrozenSet<Assembly>> _assemblies = new(() => manifest.Value.WellKnownTypeAliases.Values
        .Concat(manifest.Value.InterfaceImplementations)
        .Concat(manifest.Value.Serializers)
        .Select(static type => type.Assembly)
        .Where(static assembly => !FrameworkAssemblies.Contain(assembly))
        .ToFrozenSet());

    private readonly ConcurrentDictionary<Type, FrozenDictionary<string, Type>> _byBase = new();
    private readonly ConcurrentDictionary<Type, Type[]> _all = new();

    /// <summary>The names of all event types with a common base; looked up once.</summary>
    /// <exception cref="InvalidOperationException">Two types have one name.</exception>
    public FrozenDictionary<string, Type> TypesOf(Type eventBase) => _byBase.GetOrAdd(eventBase, Find);

    /// <summary>All event types with a common base, each once.</summary>
    public IReadOnlyCollection<Type> AllOf(Type eventBase) =>
        _all.GetOrAdd(eventBase, of => [.. TypesOf(of).Values.Distinct()]);

    /// <summary>
    /// Looks up the event types of every journaled grain that runs on Granary, so that what contradicts itself there is
    /// found before the first grain is activated.
    /// </summary>
    /// <exception cref="InvalidOperationException">Two types have one name.</exception>
    public void CheckAllGrains()
    {
        foreach (var eventBase in manifest.Value.InterfaceImplementations.Select(EventBaseOf).OfType<Type>().Distinct())
            TypesOf(eventBase);
    }

    // Null for what is no journaled grain, for one of another provider, and for one whose events are not known yet.
    private static Type? EventBaseOf(Type grain)
    {
        var provider = grain.GetCustomAttribute<LogConsistencyProviderAttribute>(inherit: true)?.ProviderName;
        if (provider is not (null or GranaryNames.LogConsistencyProvider)) return null;
        for (var at = grain; at is not null; at = at.BaseType)
        {
            if (at.IsGenericType && at.GetGenericTypeDefinition() == typeof(JournaledGrain<,>))
                return at.GetGenericArguments()[1] is { ContainsGenericParameters: false } eventBase ? eventBase : null;
        }

        return null;
    }

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
        type is { IsAbstract: false, IsEnum: false, IsByRefLike: false, ContainsGenericParameters: false }
            && (type.IsClass || type.IsValueType) && eventBase.IsAssignableFrom(type);

    /// <summary>The types of an application's assembly; none of a framework's.</summary>
    public static Type[] TypesIn(Assembly assembly)
    {
        try
        {
            return FrameworkAssemblies.Contain(assembly) ? [] : assembly.GetTypes();
        }
        catch (ReflectionTypeLoadException partly)
        {
            // What cannot be loaded cannot be an event; a stored one of it fails its replay by name.
            return [.. partly.Types.OfType<Type>()];
        }
    }
}
