using Granary.Contracts;
using Microsoft.Extensions.DependencyInjection;

namespace Granary.Benchmarks;

/// <summary>Appends of the shipped silo's streams by calls from within it: nothing of the network.</summary>
internal sealed class GrainCalls(ShippedSilo silo) : ICandidate
{
    private const string Category = "Calls";

    private int _callers;

    public Task StartAsync(string folder) => silo.StartAsync(folder);

    public Task<Outcome> RunAsync(Load load)
    {
        _callers = Math.Max(_callers, load.Callers);
        var grains = silo.Services.GetRequiredService<IGrainFactory>();
        return Callers.RunAsync(load, at =>
        {
            var grain = grains.GetGrain<IEventStreamGrain>($"{Category}/{at}");
            return () => grain.Append(NewAppend());
        });
    }

    public Task<long> CountAsync() => silo.CountAsync(Category, _callers);

    public ValueTask DisposeAsync() => silo.DisposeAsync();

    /// <summary>An append of the one event, as the HTTP API makes it of a request.</summary>
    public static StreamAppend NewAppend() => new([new StreamEvent("noted", Noted.Json)]);
}
