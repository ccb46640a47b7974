namespace Granary.Benchmarks;

/// <summary>What the program understands.</summary>
internal static class Usage
{
    public static string Text { get; } = $"""
        dotnet run -c Release --project tests/Benchmarks -- <command>

          compare   everything, each scenario against its peer in turns
            --quick               within a minute: fewer and shorter repetitions, smaller sizes
            --only <id>[,<id>]    some of: {string.Join(", ", Measures.All.Select(static one => one.Id))},
                                  {CompareArguments.PeersId}, {CompareArguments.LatencyId}
            --json <file>         an array of id, value, least, aim, spread
            --markdown <file>     the page that docs/performance.md is

          run <contestant>   one load, to look at: {string.Join(", ", Contestants.All.Select(static one => one.Name))}
            --callers <n>         how many call at once, each its own grain; 1000
            --batch <n>           events a command (a commit, for the bare loops); 1
            --seconds <n>         how long; 10

          micro [filter]     BenchmarkDotNet's view of codec, fold, adaptor and appender; a filter as in *Codec*

          All take --folder <path>, where the data is written and deleted again; by default it is beside the program.
          Choose one on the disk that is meant: a folder in memory makes every sync free.
        """;
}
