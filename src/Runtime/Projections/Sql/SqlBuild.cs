using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Granary.Runtime;

/// <summary>How the rows of <see cref="SqlBuildsTable"/> are written.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(SqlBuild))]
internal sealed partial class SqlBuildJson : JsonSerializerContext;

/// <summary>Which build of an SQL projection may write.</summary>
/// <param name="Version">The version of the projection's code.</param>
/// <param name="Number">Which build of that version, from 1.</param>
/// <param name="IsReady">Whether the projection's tables were reset for it: nothing writes before.</param>
/// <param name="StartedAt">When it was begun.</param>
internal sealed record SqlBuild(int Version, int Number, bool IsReady, DateTimeOffset StartedAt)
{
    /// <summary>
    /// As long as it is not ready: the build that the tables were last reset for; null where there is none.
    /// </summary>
    public SqlBuild? Before { get; init; }

    /// <summary>
    /// The name of its reader, and of its checkpoints. It is another one than that of a stored projection of the same
    /// name and version, whose checkpoints say nothing of these tables.
    /// </summary>
    public string NameOf(string projection) => Number == 1
        ? string.Create(CultureInfo.InvariantCulture, $"{projection}_s{Version}")
        : string.Create(CultureInfo.InvariantCulture, $"{projection}_s{Version}_{Number}");

    /// <summary>The build that a reader's name is of; null where it is no reader of the projection.</summary>
    public static SqlBuild? Parse(string projection, string reader)
    {
        if (!reader.StartsWith(projection + "_s", StringComparison.Ordinal)) return null;
        var numbers = reader[(projection.Length + 2)..].Split('_');
        var number = 1;
        var build = numbers.Length <= 2
            && int.TryParse(numbers[0], NumberStyles.None, CultureInfo.InvariantCulture, out var version)
            && (numbers.Length == 1
                || int.TryParse(numbers[1], NumberStyles.None, CultureInfo.InvariantCulture, out number))
            ? new SqlBuild(version, number, false, default)
            : null;
        return build?.NameOf(projection) == reader ? build : null;
    }

    /// <summary>Whether it is a later build than another one, or there is no other.</summary>
    public bool IsAfter(SqlBuild? other) =>
        other is null || (Version, Number).CompareTo((other.Version, other.Number)) > 0;

    /// <summary>Whether it is the same build, ready or not.</summary>
    public bool IsSameAs(SqlBuild? other) => (Version, Number) == (other?.Version, other?.Number);
}

/// <summary>The row of a build in one partition.</summary>
internal sealed record SqlBuildRow(int Partition, ModelRow? Row, SqlBuild? Build);
