namespace Granary.Benchmarks;

/// <summary>
/// The page docs/performance.md: a part for each command that measures, which writes it and leaves the others.
/// </summary>
internal static class Page
{
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
    public static string With(string before, Suite suite, string part)
    {
        var parts = Suites.All
            .Select(one => one.Name == suite.Name ? part : PartOf(before, one))
            .Zip(Suites.All, static (text, one) => (one.Name, Text: text))
            .Where(static one => one.Text is not null)
            .Select(static one => $"{Open(one.Name)}\n{one.Text!.Trim()}\n{Close(one.Name)}\n");
        var commands = Suites.All.Select(static one =>
            $"    dotnet run -c Release --project tests/Benchmarks -- {one.Name} --markdown docs/performance.md");
        return string.Join('\n', [Lines(Start), .. commands, Lines(End), .. parts]);
    }

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
