namespace Granary.Benchmarks;

/// <summary>
/// The page docs/performance.md: a part for each command that measures, which writes it and leaves the others. Other
/// pages are written by hand, but for the part of a command.
/// </summary>
internal static class Page
{
    /// <summary>The page that is written by commands alone.</summary>
    public const string Performance = "docs/performance.md";

    private const string Start = """
        # Performance

        Written by the benchmark program, not by hand. Each part is written by a command of its own; to repeat one:

        """;

    private const string End = """

        `--only <id>` runs one row, `--quick` a hint of everything within minutes, `run granary` one load to profile
        (`run http` the wire's, `run granary-postgres` on PostgreSQL). Those on PostgreSQL start a private server where
        its binaries are on the machine; `GRANARY_TEST_POSTGRES` names another one, on the same machine. Absolute rates
        belong to the machine; only ratios of one run can be compared.

        """;

    /// <summary>Writes a suite's part into the page.</summary>
    public static async Task WriteAsync(FileInfo file, Suite suite, string part)
    {
        var before = await File.ReadAllTextAsync(file.FullName);
        await File.WriteAllTextAsync(file.FullName, With(before, suite, part));
    }

    /// <summary>The page with a part of it written anew.</summary>
    public static string With(string before, Suite suite, string part) =>
        suite.Page == Performance ? OfCommands(before, suite, part) : WithinText(before, suite, part);

    private static string OfCommands(string before, Suite suite, string part)
    {
        var all = Suites.All.Where(static one => one.Page == Performance).ToArray();
        var parts = all
            .Select(one => one.Name == suite.Name ? part : PartOf(before, one))
            .Zip(all, static (text, one) => (one.Name, Text: text))
            .Where(static one => one.Text is not null)
            .Select(static one => $"{Open(one.Name)}\n{one.Text!.Trim()}\n{Close(one.Name)}\n");
        var commands = all.Select(CommandOf);
        return string.Join('\n', [Lines(Start), .. commands, Lines(End), .. parts]);
    }

    // Where the page has no such part, its end gets one.
    private static string WithinText(string before, Suite suite, string part)
    {
        var text = before.Trim().Length == 0 ? "# Granary on Azure Storage\n" : before;
        var written = $"""
            Written by the benchmark program, not by hand:

            {CommandOf(suite)}

            """.ReplaceLineEndings("\n");
        var (heading, rest) = (part[..part.IndexOf('\n')], part[part.IndexOf('\n')..].Trim());
        var block = $"{Open(suite.Name)}\n{heading}\n\n{written}\n{rest}\n{Close(suite.Name)}";
        return PartOf(text, suite) is { } old
            ? text.Replace($"{Open(suite.Name)}{old}{Close(suite.Name)}", block, StringComparison.Ordinal)
            : $"{text.TrimEnd()}\n\n{block}\n";
    }

    private static string CommandOf(Suite suite) =>
        $"    dotnet run -c Release --project tests/Benchmarks -- {suite.Name} --markdown {suite.Page}";

    private static string? PartOf(string page, Suite suite)
    {
        var start = page.IndexOf(Open(suite.Name), StringComparison.Ordinal);
        var end = page.IndexOf(Close(suite.Name), StringComparison.Ordinal);
        return start < 0 || end < start ? null : page[(start + Open(suite.Name).Length)..end];
    }

    private static string Open(string name) => $"<!-- {name} -->";

    private static string Close(string name) => $"<!-- end of {name} -->";

    private static string Lines(string text) => text.ReplaceLineEndings("\n");
}
