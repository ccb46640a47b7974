using System.Text.RegularExpressions;

namespace Granary.Tests.Integration;

/// <summary>What a query of Prometheus names, and what a process exposes.</summary>
internal static partial class MetricNames
{
    // What of the language the shipped queries use. A name that is neither here nor exposed is reported.
    private static readonly HashSet<string> Words =
        ["sum", "by", "count", "max", "rate", "increase", "histogram_quantile", "or", "vector", "label_values"];

    /// <summary>The series and the labels that a query names.</summary>
    public static (IReadOnlySet<string> Series, IReadOnlySet<string> Labels) Of(string query)
    {
        var text = Text().Replace(query, "");
        var labels = Matchers().Matches(text)
            .SelectMany(static one => Name().Matches(one.Groups[1].Value)).Select(static one => one.Value)
            .Concat(Grouping().Matches(text).SelectMany(static one => Name().Matches(one.Groups[1].Value))
                .Select(static one => one.Value));
        var rest = Range().Replace(Grouping().Replace(Matchers().Replace(text, ""), ""), "");
        if (rest.Contains("label_values", StringComparison.Ordinal)) rest = rest[..rest.LastIndexOf(',')];
        return (
            Name().Matches(rest).Select(static one => one.Value).Where(static one => !Words.Contains(one)).ToHashSet(),
            labels.ToHashSet());
    }

    /// <summary>The series that a process exposes, each with its labels.</summary>
    public static ILookup<string, string> Exposed(string metrics) => (
        from line in metrics.Split('\n')
        where line.Length > 0 && line[0] != '#'
        let series = Name().Match(line).Value
        from label in Label().Matches(line).Select(static one => one.Groups[1].Value).Append("instance")
        select (series, label)).Distinct().ToLookup(static one => one.series, static one => one.label);

    [GeneratedRegex("\"[^\"]*\"")]
    private static partial Regex Text();

    [GeneratedRegex(@"\{([^}]*)\}")]
    private static partial Regex Matchers();

    [GeneratedRegex(@"\bby \(([^)]*)\)")]
    private static partial Regex Grouping();

    [GeneratedRegex(@"\[[^\]]*\]")]
    private static partial Regex Range();

    [GeneratedRegex(@"(?<![\w.$])[a-zA-Z_:][\w:]*")]
    private static partial Regex Name();

    [GeneratedRegex("([a-zA-Z_]+)=\"")]
    private static partial Regex Label();
}
