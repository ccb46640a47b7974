namespace Granary.Runtime;

/// <summary>Which of the declared types is that of an event.</summary>
internal static class NearestTypes
{
    /// <summary>
    /// The types that an event can be assigned to, without those that another of them derives from. More than one where
    /// they fit equally.
    /// </summary>
    public static Type[] Of(IEnumerable<Type> declared, Type eventType)
    {
        var fitting = declared.Where(one => one.IsAssignableFrom(eventType)).ToArray();
        return [.. fitting.Where(one => !Array.Exists(
            fitting, other => other != one && one.IsAssignableFrom(other)))];
    }
}
