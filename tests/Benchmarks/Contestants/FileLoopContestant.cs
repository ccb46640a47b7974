namespace Granary.Benchmarks;

/// <summary>A bare loop that appends to a file and syncs it: what the disk gives.</summary>
internal sealed class FileLoopContestant : IContestant
{
    private FileStream? _file;

    public Task StartAsync(string folder)
    {
        _file = new FileStream(
            Path.Combine(folder, "loop.log"), FileMode.CreateNew, FileAccess.Write, FileShare.Read, bufferSize: 0);
        return Task.CompletedTask;
    }

    public Task<Outcome> RunAsync(Load load)
    {
        var file = _file!;
        var chunk = new byte[load.EventsEach * Noted.Json.Length];
        for (var at = 0; at < load.EventsEach; at++) Noted.Json.CopyTo(chunk, at * Noted.Json.Length);
        return BareLoop.RunAsync(load, () =>
        {
            file.Write(chunk);
            file.Flush(flushToDisk: true);
        });
    }

    public Task<long> CountAsync() => Task.FromResult(new FileInfo(_file!.Name).Length / Noted.Json.Length);

    public ValueTask DisposeAsync() => _file?.DisposeAsync() ?? ValueTask.CompletedTask;
}
