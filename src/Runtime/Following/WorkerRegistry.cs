using Microsoft.Extensions.Logging;

namespace Granary.Runtime;

/// <summary>The readers of the log that this silo can run.</summary>
internal sealed class WorkerRegistry(IEnumerable<IWorkerSource> sources, ILogger<WorkerRegistry> logger)
{
    /// <summary>All of them, ordered by name.</summary>
    /// <exception cref="InvalidOperationException">Two have one name.</exception>
    public async ValueTask<IReadOnlyList<WorkerDefinition>> ReadAsync(CancellationToken cancellationToken) =>
        Merge(await ReadEachAsync(cancellationToken));

    /// <summary>All that the sources have; of a name there may be several.</summary>
    public async ValueTask<IReadOnlyList<WorkerDefinition>> ReadEachAsync(CancellationToken cancellationToken)
    {
        var found = new List<WorkerDefinition>();
        foreach (var source in sources) found.AddRange(await source.ReadAsync(cancellationToken));
        return found;
    }

    /// <summary>The readers among all that the sources have, ordered by name.</summary>
    /// <exception cref="InvalidOperationException">Two have one name.</exception>
    public IReadOnlyList<WorkerDefinition> Merge(IEnumerable<WorkerDefinition> found) => Merge(found, logs: true);

    /// <summary>The reader of a name among those that the sources have of it; null where there is none.</summary>
    /// <exception cref="InvalidOperationException">Two have that name.</exception>
    public WorkerDefinition? Choose(IEnumerable<WorkerDefinition> found) => Merge(found, logs: false).SingleOrDefault();

    /// <summary>A reader by its name; null where there is none.</summary>
    /// <exception cref="InvalidOperationException">Two have that name.</exception>
    public async ValueTask<WorkerDefinition?> FindAsync(string name, CancellationToken cancellationToken)
    {
        var found = new List<WorkerDefinition>();
        foreach (var source in sources) found.AddRange(await source.FindAsync(name, cancellationToken));
        return Choose(found);
    }

    private IReadOnlyList<WorkerDefinition> Merge(IEnumerable<WorkerDefinition> found, bool logs)
    {
        var (all, subscriptions) = (
            new SortedDictionary<string, WorkerDefinition>(StringComparer.Ordinal), new List<WorkerDefinition>());
        foreach (var one in found)
        {
            if (one.Deliveries is not null) subscriptions.Add(one);
            else if (!all.TryAdd(one.Name, one))
                throw new InvalidOperationException(
                    $"Two readers of the log are called '{one.Name}': a {all[one.Name].Kind} and a {one.Kind}. "
                    + "Give one of them another name.");
        }

        // One that was created while the silos had no reader of its name yields to it: the others run all the same.
        foreach (var one in subscriptions)
        {
            if (!all.TryAdd(one.Name, one) && logs) FollowingLog.NameInUse(logger, one.Name, all[one.Name].Kind);
        }

        return [.. all.Values];
    }
}
