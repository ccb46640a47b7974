namespace Granary.Tests.Unit.Tidy;

public sealed class SizeTests
{
    private const int FileLinesMax = 400;
    private const int MethodLinesMax = 70;
    private const int LineLengthMax = 120;

    private static readonly string[] TypeWords =
        ["class", "struct", "record", "interface", "enum", "namespace", "extension"];

    [Fact]
    public void No_file_is_longer_than_400_lines() => RepositoryTree.AssertNone(
        from file in Sources()
        let lines = RepositoryTree.ReadLines(file).Length
        where lines > FileLinesMax
        select $"{file}: {lines} lines");

    [Fact]
    public void No_line_is_longer_than_120_characters() => RepositoryTree.AssertNone(
        from file in Sources()
        from line in RepositoryTree.ReadLines(file).Select((text, at) => (text, number: at + 1))
        where line.text.Length > LineLengthMax
        select $"{file}:{line.number}: {line.text.Length} characters");

    [Fact]
    public void No_method_is_longer_than_70_lines() => RepositoryTree.AssertNone(
        from file in RepositoryTree.Files(".cs")
        from block in Blocks(RepositoryTree.ReadLines(file))
        where !block.IsType && block.Lines > MethodLinesMax
        select $"{file}:{block.Line}: {block.Lines} lines");

    [Fact]
    public void A_long_method_is_found_and_a_long_type_is_no_method()
    {
        string[] body = [.. Enumerable.Repeat("        Work();", MethodLinesMax)];
        string[] source =
            ["class C", "{", "    void M(", "        int a)", "    {", .. body, "    }", "", "    int P => 1;", "}"];

        var blocks = Blocks(source).ToArray();

        Assert.Equal([(1, true), (3, false)], blocks.Select(block => (block.Line, block.IsType)));
        Assert.Equal(MethodLinesMax + 4, blocks[1].Lines);
    }

    private static IEnumerable<string> Sources() => RepositoryTree.Files(".cs").Concat(RepositoryTree.Files(".sql"));

    // The layout is enforced, so a block is known by its braces: each on a line of its own, at the declaration's
    // indent.
    private static IEnumerable<(int Line, int Lines, bool IsType)> Blocks(string[] lines)
    {
        for (var open = 1; open < lines.Length; open++)
        {
            if (lines[open].Trim() != "{") continue;
            var indent = lines[open][..^1];
            var start = open - 1;
            while (start > 0 && IsContinued(lines[start], indent.Length)) start--;
            var close = Array.FindIndex(lines, open, line => line.StartsWith(indent + "}", StringComparison.Ordinal));
            if (close < 0) continue;
            var words = lines[start].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            yield return (start + 1, close - start + 1, words.Any(TypeWords.Contains));
        }
    }

    // A declaration's parameters are indented deeper than it, or close at its own indent.
    private static bool IsContinued(string line, int indent) =>
        Indent(line) > indent || line.TrimStart().StartsWith(')');

    private static int Indent(string line) => line.Length - line.TrimStart().Length;
}
