namespace Granary;

/// <summary>
/// Replaces an error of the application's own type as the cause of a Granary error: Orleans sends only registered
/// types from silo to client, and otherwise refuses the whole answer. Its text is the error's, stack trace included.
/// </summary>
[GenerateSerializer, Alias("granary.ForeignException")]
internal sealed class ForeignException : Exception
{
    private ForeignException(Exception original)
        : base($"{original.GetType()}: {original.Message}") =>
        (Original, Text) = (original, original.ToString());

    /// <summary>The error itself, in the process that it was thrown in; null where it was sent.</summary>
    [field: NonSerialized]
    public Exception? Original { get; }

    /// <summary>The error in full.</summary>
    [Id(0)] public string Text { get; }

    /// <summary>The error itself where Orleans can carry it with all its causes, else its replacement.</summary>
    public static Exception? Carried(Exception? original)
    {
        for (var at = original; at is not null; at = at.InnerException)
        {
            if (!IsKnown(at.GetType())) return new ForeignException(original!);
        }

        return original;
    }

    /// <inheritdoc />
    public override string ToString() => Text;

    private static bool IsKnown(Type type) => type.IsDefined(typeof(GenerateSerializerAttribute), inherit: false)
        || type.Namespace is { } name && (IsUnder(name, "System") || IsUnder(name, "Microsoft"));

    private static bool IsUnder(string name, string root) =>
        name == root || (name.StartsWith(root, StringComparison.Ordinal) && name[root.Length] == '.');
}
