namespace Granary.Runtime;

/// <summary>Where the readers of builds are, and how they are held at a position.</summary>
internal sealed class BuildReaders(FollowingServices services, IGrainFactory grains)
{
    private static readonly TimeSpan HoldMax = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan LookDelay = TimeSpan.FromMilliseconds(100);

    private IModelStore Models => services.Models;

    private IEnumerable<LogPartition> Partitions =>
        Enumerable.Range(0, services.PartitionCount).Select(static at => new LogPartition(at));

    /// <summary>The positions of a reader's checkpoints, by partition.</summary>
    public async ValueTask<Dictionary<int, long>> ReadPositionsAsync(
        string reader, CancellationToken cancellationToken)
    {
        var positions = new Dictionary<int, long>();
        foreach (var partition in Partitions)
        {
            var found = await Models.ReadCheckpointAsync(reader, partition, cancellationToken);
            positions[partition.Value] = found?.Position.Value ?? 0;
        }

        return positions;
    }

    /// <summary>The positions of the log's ends, by partition.</summary>
    public async ValueTask<Dictionary<int, long>> ReadEndsAsync(CancellationToken cancellationToken)
    {
        var ends = new Dictionary<int, long>();
        foreach (var partition in Partitions)
        {
            var page = await services.Store.ReadLogAsync(
                LogPosition.StartOf(partition), LogFilter.All, 1, cancellationToken);
            ends[partition.Value] = page.End.Value;
        }

        return ends;
    }

    /// <summary>Has a reader stop at positions, before it passes them; null to let it go on.</summary>
    public async ValueTask BoundAsync(
        string reader, IReadOnlyDictionary<int, long>? until, CancellationToken cancellationToken)
    {
        await new ReaderSettings(Models).ChangeAsync(
            reader, setting => setting with { Until = until }, cancellationToken);
        await SteerAsync(reader);
    }

    /// <summary>Notifies a reader's workers that something was asked of it, or that it is no more.</summary>
    public Task SteerAsync(string reader) => Task.WhenAll(Partitions.Select(async one =>
    {
        try
        {
            await grains.GetGrain<IReaderGrain>(ReaderKeys.Of(reader, one)).Steer();
        }
        catch (ReaderUnknownException)
        {
            // No silo has its code: there is no worker to notify.
        }
    }));

    /// <summary>
    /// Holds two readers at the same positions, wherever they are: none is behind the other afterwards. They are let go
    /// with <see cref="BoundAsync"/>.
    /// </summary>
    /// <returns>Whether both are there.</returns>
    public async ValueTask<bool> HoldAsync(string one, string other, CancellationToken cancellationToken)
    {
        var start = services.Time.GetTimestamp();
        while (services.Time.GetElapsedTime(start) < HoldMax)
        {
            var (left, right) = (await ReadPositionsAsync(one, cancellationToken),
                await ReadPositionsAsync(other, cancellationToken));
            var target = left.ToDictionary(static at => at.Key, at => Math.Max(at.Value, right[at.Key]));
            await BoundAsync(one, target, cancellationToken);
            await BoundAsync(other, target, cancellationToken);
            if (await AreAtAsync(one, other, target, start, cancellationToken)) return true;
        }

        return false;
    }

    // A reader may have passed the positions before it was bounded: then the later ones are the new target.
    private async ValueTask<bool> AreAtAsync(
        string one, string other, Dictionary<int, long> target, long start, CancellationToken cancellationToken)
    {
        while (services.Time.GetElapsedTime(start) < HoldMax)
        {
            var (left, right) = (await ReadPositionsAsync(one, cancellationToken),
                await ReadPositionsAsync(other, cancellationToken));
            if (left.Concat(right).Any(at => at.Value > target[at.Key])) return false;
            if (left.Concat(right).All(at => at.Value == target[at.Key])) return true;
            await Task.Delay(LookDelay, services.Time, cancellationToken);
        }

        return false;
    }
}
