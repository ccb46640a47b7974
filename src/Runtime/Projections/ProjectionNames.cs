using System.Reflection;
using System.Text.RegularExpressions;

namespace Granary.Runtime;

/// <summary>The names and versions of projections, which are in the names of tables and readers.</summary>
internal static partial class ProjectionNames
{
    /// <summary>A name at most: those of its builds' tables are longer.</summary>
    private const int LengthMax = 36;

    private const int VersionMax = 99_999;

    /// <summary>What a projection is marked with.</summary>
    /// <exception cref="InvalidOperationException">It has none, or a name or version that is not allowed.</exception>
    public static ProjectionAttribute Of(Type projection)
    {
        var attribute = projection.GetCustomAttribute<ProjectionAttribute>()
            ?? throw new InvalidOperationException(
                $"{projection} has no name. Mark it as in [Projection(\"balances\")].");
        Check(attribute);
        return attribute;
    }

    /// <summary>Whether it is as the readers of projections' builds are called: stored ones and SQL ones.</summary>
    public static bool IsOfBuild(string reader) => BuildPattern().IsMatch(reader);

    private static void Check(ProjectionAttribute attribute)
    {
        var name = attribute.Name;
        if (name.Length > LengthMax)
            throw new InvalidOperationException(
                $"The name of the projection '{name}' has more than {LengthMax} characters. Shorten it.");
        if (name.StartsWith("granary_", StringComparison.Ordinal))
            throw new InvalidOperationException(
                $"The projection '{name}' has a name of Granary's own tables. Begin it otherwise than with granary_.");
        if (IsOfBuild(name))
            throw new InvalidOperationException(
                $"The projection '{name}' is named as the build of a projection. End its name otherwise than with _v1, "
                + "_s1 and the like.");
        if (attribute.Version is < 1 or > VersionMax)
            throw new InvalidOperationException(
                $"The version of the projection '{name}' is {attribute.Version}. Give it one of 1 to {VersionMax}.");
    }

    [GeneratedRegex("^[a-z][a-z0-9_]*_[vs][0-9]+(_[0-9]+)?\\z", RegexOptions.CultureInvariant)]
    private static partial Regex BuildPattern();
}
