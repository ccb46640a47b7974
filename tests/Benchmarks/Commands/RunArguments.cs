namespace Granary.Benchmarks;

/// <summary>What <c>run</c> was asked.</summary>
internal sealed record RunArguments
{
    public string Contestant { get; private init; } = "";

    public int Callers { get; private init; } = 1_000;

    public int Batch { get; private init; } = 1;

    public int Seconds { get; private init; } = 10;

    public string Folder { get; private init; } = DataFolder.Default;

    public static RunArguments Parse(string[] words)
    {
        var options = new Options(words);
        var parsed = new RunArguments();
        while (options.TryNext(out var word))
        {
            parsed = word switch
            {
                "--callers" => parsed with { Callers = options.Number(word, 1, 100_000) },
                "--batch" => parsed with { Batch = options.Number(word, 1, 10_000) },
                "--seconds" => parsed with { Seconds = options.Number(word, 1, 3_600) },
                "--folder" => parsed with { Folder = options.Value(word) },
                _ when parsed.Contestant.Length == 0 && !word.StartsWith('-') => parsed with { Contestant = word },
                _ => throw Options.Unknown(word),
            };
        }

        var names = Contestants.All.Select(static one => one.Name).ToArray();
        return names.Contains(parsed.Contestant) ? parsed : throw new ArgumentsException(
            $"run wants a contestant: one of {string.Join(", ", names)}.");
    }
}
