namespace Granary.Benchmarks;

/// <summary>How many grains at once, and how many events each has before it is measured.</summary>
/// <param name="Grains">How many grains.</param>
/// <param name="Events">How many events.</param>
/// <param name="Commands">How many commands of one event each then gets.</param>
internal sealed record AzureShape(int Grains, int Events, int Commands);

/// <summary>Granary and LogStorage in turns, on fresh streams.</summary>
internal sealed class AzureTurns : IAsyncDisposable
{
    private readonly Counted[] _candidates;
    private int _nextGrain;

    private AzureTurns(TimeSpan latency)
    {
        HttpMessageHandler? Way() => latency == TimeSpan.Zero ? null : new SlowRequests(latency);
        _candidates =
        [
            new("Granary", new GranaryOnAzure(Way())),
            new("LogStorage over tables", new LogStorageOnAzure(inBlobs: false, Way())),
            new("LogStorage over blobs", new LogStorageOnAzure(inBlobs: true, Way())),
        ];
    }

    /// <summary>Starts all three, with tables and containers that are empty.</summary>
    /// <param name="folder">The folder for data, of which they have none.</param>
    /// <param name="warmUps">How often they run before anything is measured.</param>
    /// <param name="latency">How much longer each request takes.</param>
    public static async Task<AzureTurns> StartAsync(DataFolder folder, int warmUps, TimeSpan latency = default)
    {
        var turns = new AzureTurns(latency);
        foreach (var one in turns._candidates) await one.Inner.StartAsync(folder.Next());
        for (var warm = 0; warm < warmUps; warm++) await turns.TurnAsync(new AzureShape(16, 10, 20));
        return turns;
    }

    /// <summary>Commands a second of Granary, of LogStorage over tables, and over blobs.</summary>
    public async Task<Series[]> MeasureAsync(AzureShape shape, int turns)
    {
        List<double>[] found = [.. _candidates.Select(static _ => new List<double>())];
        for (var turn = 0; turn < turns; turn++)
        {
            foreach (var (rates, rate) in found.Zip(await TurnAsync(shape))) rates.Add(rate);
        }

        return [.. found.Select(static one => new Series(one))];
    }

    public async Task CheckAsync()
    {
        foreach (var one in _candidates) await one.CheckAsync();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var one in _candidates) await one.DisposeAsync();
    }

    private async Task<double[]> TurnAsync(AzureShape shape)
    {
        var rates = new double[_candidates.Length];
        for (var at = 0; at < rates.Length; at++) rates[at] = await RateAsync(_candidates[at], shape, _nextGrain);
        _nextGrain += shape.Grains;
        return rates;
    }

    private static async Task<double> RateAsync(Counted candidate, AzureShape shape, int firstGrain)
    {
        var load = new Load(shape.Grains) { FirstGrain = firstGrain, CommandsEach = 1, EventsEach = shape.Events };
        await candidate.RunAsync(load);
        GC.Collect();
        var outcome = await candidate.RunAsync(load with { CommandsEach = shape.Commands, EventsEach = 1 });
        return outcome.CommandsPerSecond;
    }
}

/// <summary>Granary against LogStorage at one length of the streams.</summary>
/// <param name="inBlobs">Whether LogStorage's storage is that of blobs.</param>
/// <param name="isLarge">Whether the events are larger than those of the other comparisons.</param>
internal sealed class AzureScenario(bool inBlobs, bool isLarge = false) : IScenario
{
    /// <summary>The length of the notes of larger events.</summary>
    public const int LargeNote = 1_000;

    public async Task<Result> RunAsync(DataFolder folder, RunSize size)
    {
        using var larger = isLarge ? Noted.Lengthen(LargeNote) : null;
        await using var turns = await AzureTurns.StartAsync(folder, size.Of(8, 2));
        var rates = await turns.MeasureAsync(new AzureShape(16, 100, 10), size.Of(15, 5));
        await turns.CheckAsync();
        var pairs = Pairs.Of([.. rates[0].Values], [.. rates[inBlobs ? 2 : 1].Values]);
        return Result.Of(pairs, "commands/s");
    }
}
