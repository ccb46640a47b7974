namespace Granary.Benchmarks;

/// <summary>What one command of the program measures: a part of a page.</summary>
/// <param name="Name">The command.</param>
/// <param name="What">What it does, for the help.</param>
internal sealed record Suite(string Name, string What)
{
    /// <summary>The heading of its part of the page.</summary>
    public required string Title { get; init; }

    /// <summary>How its figures are measured.</summary>
    public required string Method { get; init; }

    public IReadOnlyList<Row> Rows { get; init; } = [];

    /// <summary>What is measured beside the rows, after them.</summary>
    public IReadOnlyList<Extra> Extras { get; init; } = [];

    /// <summary>Whether it needs a server of PostgreSQL.</summary>
    public bool NeedsPostgres { get; init; }

    /// <summary>Whether it needs Azure Storage, or an emulator of it.</summary>
    public bool NeedsAzure { get; init; }

    /// <summary>The page that its part is on.</summary>
    public string Page { get; init; } = Benchmarks.Page.Performance;

    /// <summary>Everything that can be selected by id.</summary>
    public IEnumerable<string> Ids => Rows.Select(static one => one.Id).Concat(Extras.Select(static one => one.Id));
}

/// <summary>A table that is no ratio, so not to be compared across machines.</summary>
/// <param name="Id">Its name.</param>
/// <param name="Title">Its heading.</param>
/// <param name="MeasureAsync">Measures it, and writes it in Markdown.</param>
internal sealed record Extra(string Id, string Title, Func<DataFolder, RunSize, Task<string>> MeasureAsync)
{
    /// <summary>Whether a quick run has it.</summary>
    public bool IsQuick { get; init; }
}

/// <summary>All suites, in the order of the page.</summary>
internal static class Suites
{
    public static IReadOnlyList<Suite> All { get; } =
    [
        new("compare", "Measures every row, Granary and its peer in turns.")
        {
            Title = "On one machine, on SQLite",
            Method = string.Format(null, Method.Text, Noted.Json.Length),
            Rows = Rows.All,
            Extras =
            [
                new("latency", "Latency", LoadResult.LatenciesAsync) { IsQuick = true },
                new("peers", "All candidates", static (folder, size) => LoadResult.PeersAsync(
                    Candidates.All.Where(static one => one is { IsOnPostgres: false, IsOnAzure: false }),
                    folder, size)),
            ],
        },
        PostgresSuite.Suite,
        ScaleSuite.Suite,
        LayoutSuite.Suite,
        ModelsSuite.Suite,
        AzureSuite.Suite,
    ];
}
