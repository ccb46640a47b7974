namespace Granary.Benchmarks;

/// <summary>
/// The size of the shipped silo's data folder, every file of it, when it has been stopped after a thousand streams were
/// filled, each one event an append.
/// </summary>
internal sealed class BytesOnDiskScenario : IScenario
{
    private const int Streams = 1_000;

    public async Task<Result> RunAsync(DataFolder folder, RunSize size)
    {
        var data = folder.Next();
        await using var silo = new ShippedSilo();
        await using var filler = Candidates.Make("calls", silo);
        await filler.Inner.StartAsync(data);
        var filled = await filler.RunAsync(new Load(Streams) { CommandsEach = size.Of(1_000, 100) });
        await filler.CheckAsync();
        await silo.DisposeAsync();

        var files = new DirectoryInfo(data).EnumerateFiles("*", SearchOption.AllDirectories);
        var bytes = files.Sum(static one => one.Length);
        return new Result((double)bytes / filled.Events, 0, $"{Text.Number(filled.Events)} events");
    }
}
