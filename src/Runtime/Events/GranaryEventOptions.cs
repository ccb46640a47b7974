using System.Text.Json;

namespace Granary.Runtime;

/// <summary>Which event types there are, under which names, and how they are written.</summary>
public sealed class GranaryEventOptions
{
    private readonly Dictionary<string, Type> _names = new(StringComparer.Ordinal);

    /// <summary>
    /// How JSON payloads are written. Set a <c>TypeInfoResolver</c> here to use source generation. What is stored is
    /// read with the same options, so a change here is a change of the format.
    /// </summary>
    /// <remarks>
    /// A parameter of a constructor that has no default and is not stored fails the replay
    /// (<c>RespectRequiredConstructorParameters</c>): an event of a class that was changed since is not read with a
    /// member that is empty.
    /// </remarks>
    public JsonSerializerOptions Json { get; } = new(JsonSerializerDefaults.Web)
    {
        IncludeFields = true,
        MaxDepth = 64,
        RespectRequiredConstructorParameters = true,
    };

    /// <summary>The names given to event types by the application, old ones among them.</summary>
    internal IReadOnlyDictionary<string, Type> Names => _names;

    /// <summary>
    /// Names an event type in another assembly than its base type's, or gives it further names: those it had before it
    /// was renamed. New events take the type's <c>[Alias]</c>, else its full name.
    /// </summary>
    /// <exception cref="ArgumentException">
    /// A name is empty, is one of Granary's own or names another type already.
    /// </exception>
    public GranaryEventOptions AddEventType<TEvent>(params string[] oldNames)
        where TEvent : notnull
    {
        foreach (var name in oldNames.Append(EventTypeNames.Of(typeof(TEvent))))
        {
            if (name.Length == 0 || EventTypes.IsReserved(name))
                throw new ArgumentException(
                    $"\"{name}\" cannot name {typeof(TEvent)}: a name has at least one character, and those that begin "
                    + $"with {EventTypes.Prefix} are Granary's own.",
                    nameof(oldNames));
            if (!_names.TryAdd(name, typeof(TEvent)) && _names[name] != typeof(TEvent))
                throw new ArgumentException($"Event type name {name} is already the name of {_names[name]}.",
                    nameof(oldNames));
        }

        return this;
    }
}
