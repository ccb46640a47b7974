using System.Collections.Concurrent;

namespace Granary.Benchmarks;

/// <summary>Where grains say when they are gone, for whoever measures what it takes to bring them back.</summary>
public sealed class Departures
{
    private readonly ConcurrentDictionary<GrainId, Task> _gone = new();

    internal void Tell(IGrainContext grain) => _gone[grain.GrainId] = grain.Deactivated;

    /// <summary>Ends when the grain that was asked to leave has left.</summary>
    internal Task Of(GrainId grain) => _gone.TryRemove(grain, out var gone) ? gone : Task.CompletedTask;
}
