namespace Granary.Benchmarks;

/// <summary>What <c>compare</c> was asked.</summary>
internal sealed record CompareArguments
{
    /// <summary>The table of all contestants side by side.</summary>
    public const string PeersId = "peers";

    /// <summary>The table of latencies.</summary>
    public const string LatencyId = "latency";

    public bool Quick { get; private init; }

    public IReadOnlyList<string> Only { get; private init; } = [];

    public string? Json { get; private init; }

    public string? Markdown { get; private init; }

    public string Folder { get; private init; } = DataFolder.Default;

    public bool Wants(string id) => Only.Count == 0 || Only.Contains(id);

    public static CompareArguments Parse(string[] words)
    {
        var options = new Options(words);
        var parsed = new CompareArguments();
        while (options.TryNext(out var word))
        {
            parsed = word switch
            {
                "--quick" => parsed with { Quick = true },
                "--only" => parsed with { Only = Ids(options.Value(word)) },
                "--json" => parsed with { Json = options.File(word) },
                "--markdown" => parsed with { Markdown = options.File(word) },
                "--folder" => parsed with { Folder = options.Value(word) },
                _ => throw Options.Unknown(word),
            };
        }

        return parsed;
    }

    private static string[] Ids(string text)
    {
        var ids = text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        string[] known = [.. Measures.All.Select(static one => one.Id), PeersId, LatencyId];
        return ids.Length > 0 && ids.Except(known).FirstOrDefault() is not { } unknown
            ? ids
            : throw new ArgumentsException(
                $"--only knows no '{ids.Except(known).FirstOrDefault()}'. There are {string.Join(", ", known)}.");
    }
}
