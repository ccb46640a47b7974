using Microsoft.Extensions.DependencyInjection;

namespace Granary.Runtime;

/// <summary>The readers of the log that have a checkpoint: they hold back what they have not passed.</summary>
internal sealed class LogReaders(IServiceProvider services)
{
    private readonly ICheckpointStore? _checkpoints = services.GetService<ICheckpointStore>();

    /// <summary>
    /// The reader that is furthest behind in a partition; null where there is none. One that has a checkpoint in
    /// another partition alone stands at the start of this one.
    /// </summary>
    public async ValueTask<LogReader?> FindFurthestBehindAsync(
        LogPartition partition, CancellationToken cancellationToken)
    {
        if (_checkpoints is null) return null;
        var all = await _checkpoints.ReadAllAsync(cancellationToken);
        return all.GroupBy(static one => one.Name)
            .Select(of => new LogReader(
                of.Key, of.FirstOrDefault(one => one.Partition == partition)?.Position ?? GlobalPosition.Zero))
            .MinBy(static one => one.Position.Value);
    }
}

/// <summary>How far a reader has come in a partition.</summary>
internal sealed record LogReader(string Name, GlobalPosition Position);
