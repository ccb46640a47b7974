using Microsoft.Extensions.Hosting;

namespace Granary.Benchmarks;

/// <summary>A host's lifetime that leaves signals to the program, which has several hosts.</summary>
internal sealed class NoSignals : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
