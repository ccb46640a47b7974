using Microsoft.Extensions.DependencyInjection;

namespace Granary.Runtime;

/// <summary>The readers of the log that have a checkpoint: they hold back what they have not passed.</summary>
internal sealed class LogReaders(IServiceProvider services)
{
    private readonly ICheckpointStore? _checkpoints = services.GetService<ICheckpointStore>();
    private readonly IModelStore? _models = services.GetService<IModelStore>();

    /// <summary>
    /// The reader that is furthest behind in a partition; null where there is none. One that has a checkpoint in
    /// another partition alone stands at the start of this one.
    /// </summary>
    public async ValueTask<LogReader?> FindFurthestBehindAsync(
        LogPartition partition, CancellationToken cancellationToken)
    {
        var all = new List<(string Name, LogPosition At)>();
        if (_checkpoints is not null)
            all.AddRange((await _checkpoints.ReadAllAsync(cancellationToken))
                .Select(static one => (one.Name, new LogPosition(one.Partition, one.Position))));
        if (_models is not null)
            all.AddRange((await _models.ReadCheckpointsAsync(cancellationToken))
                .Select(static one => (one.Name, new LogPosition(one.Partition, one.Position))));
        return all.GroupBy(static one => one.Name)
            .Select(of => new LogReader(
                of.Key, of.FirstOrDefault(one => one.At.Partition == partition).At.Position))
            .MinBy(static one => one.Position.Value);
    }
}

/// <summary>How far a reader has come in a partition.</summary>
internal sealed record LogReader(string Name, GlobalPosition Position);
