namespace Granary.Benchmarks;

internal static class Markdown
{
    public static string Of(Report report) => Text.MarkdownTable(report.FindingRows);
}
