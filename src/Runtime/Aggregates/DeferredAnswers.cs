using System.Collections.Concurrent;
using System.Reflection;

namespace Granary.Runtime;

/// <summary>
/// Answers that represent work that is not done yet. A command must not have one: what it raised after its first
/// <c>await</c> would not belong to it.
/// </summary>
internal static class DeferredAnswers
{
    public const string Message =
        "A command decides synchronously: what it raises after an await would not be part of it. Await what the "
        + "decision needs before ExecuteAsync, and let the decision only read the state and raise events.";

    private static readonly ConcurrentDictionary<Type, bool> Known = new();

    /// <summary>Whether a type can be awaited, or enumerated asynchronously.</summary>
    public static bool IsDeferred(Type type) => Known.GetOrAdd(type, static type =>
        type.GetMethod("GetAwaiter", BindingFlags.Instance | BindingFlags.Public, Type.EmptyTypes) is not null
        || type.GetInterfaces().Append(type).Any(static one =>
            one.IsGenericType && one.GetGenericTypeDefinition() == typeof(IAsyncEnumerable<>)));

    public static ArgumentException Refusal(Type type) => new($"{Message} Its answer is a {type}.", "decide");
}
