namespace Granary;

/// <summary>Which events a process manager is fed with, beside its own, and which process each concerns.</summary>
public sealed class ProcessFeeds
{
    private readonly Dictionary<string, Func<object, RecordedEvent, string?>> _byCategory =
        new(StringComparer.Ordinal);

    internal ProcessFeeds()
    {
    }

    internal IReadOnlyDictionary<string, Func<object, RecordedEvent, string?>> ByCategory => _byCategory;

    /// <summary>Feeds it with the events of the streams of a category.</summary>
    /// <param name="category">The category.</param>
    /// <param name="key">
    /// The key of the process that an event concerns; null where it concerns none. It depends on the event alone.
    /// </param>
    /// <exception cref="ArgumentException">No stream has such a category, or it is named twice.</exception>
    public ProcessFeeds Add(string category, Func<object, RecordedEvent, string?> key)
    {
        ArgumentNullException.ThrowIfNull(key);
        if (!StreamName.TryCreate(category, "any", out _, out var fault)) throw new ArgumentException(fault);
        if (!_byCategory.TryAdd(category, key))
            throw new ArgumentException($"The category '{category}' is named twice. Name it once.");
        return this;
    }
}
