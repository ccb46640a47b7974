using System.Collections.Concurrent;
using System.Reflection;
using Orleans.EventSourcing;

namespace Granary.Runtime;

/// <summary>Finds out which grain classes have no <c>TransitionState</c> of their own.</summary>
internal static class PlainGrains
{
    private static readonly ConcurrentDictionary<Type, bool> Known = new();

    /// <summary>Whether a grain class leaves it to its base to call the state's <c>Apply</c>.</summary>
    public static bool IsPlain(Type grainClass) => Known.GetOrAdd(grainClass, static type =>
    {
        for (var at = type; at is not null; at = at.BaseType)
        {
            var definition = at.IsGenericType ? at.GetGenericTypeDefinition() : at;
            if (definition == typeof(AggregateGrain<,>) || definition == typeof(JournaledGrain<,>)) return true;
            if (DeclaresTransition(at)) return false;
        }

        return false;
    });

    private static bool DeclaresTransition(Type type) => type
        .GetMethods(BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public | BindingFlags.DeclaredOnly)
        .Any(static method => method is { Name: "TransitionState", IsVirtual: true });
}
