using System.Reflection;
using System.Text.RegularExpressions;

namespace Granary.Runtime;

/// <summary>The names of reactors and webhooks, which are in the names of checkpoints and in addresses.</summary>
internal static partial class ReactorNames
{
    private const int LengthMax = 100;

    /// <summary>The name of a reactor.</summary>
    /// <exception cref="ArgumentException">It has none, or one that is not allowed.</exception>
    public static string Of(Type reactor)
    {
        var attribute = reactor.GetCustomAttribute<ReactorAttribute>(inherit: false)
            ?? throw new ArgumentException($"{reactor} has no name. Mark it as in [Reactor(\"welcome-mail\")].");
        return Check(attribute.Name);
    }

    /// <summary>The name of the reader that a webhook is.</summary>
    /// <exception cref="ArgumentException">The webhook's name is not allowed.</exception>
    public static string OfWebhook(string name) => $"webhook-{Check(name)}";

    /// <summary>The name, where it can name a reader of the log.</summary>
    /// <exception cref="ArgumentException">It cannot.</exception>
    public static string Check(string name)
    {
        if (!IsName(name))
            throw new ArgumentException(
                $"'{name}' cannot name a reader of the log. A name has 1 to {LengthMax} characters: a lower-case "
                + "letter, then lower-case letters, digits, dashes and underscores.");

        // The checkpoints of earlier builds are deleted by such a name.
        return ProjectionNames.IsOfBuild(name)
            ? throw new ArgumentException(
                $"'{name}' is named as the build of a projection. End the name otherwise than with _v1, _s1 and the "
                + "like, as with a dash: -v1.")
            : name;
    }

    /// <summary>Whether it can name a reader of the log.</summary>
    public static bool IsName(string name) => name.Length <= LengthMax && Pattern().IsMatch(name);

    [GeneratedRegex("^[a-z][a-z0-9_-]*\\z", RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
