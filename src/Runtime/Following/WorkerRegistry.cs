namespace Granary.Runtime;

/// <summary>The readers of the log that this silo can run.</summary>
internal sealed class WorkerRegistry(IEnumerable<IWorkerSource> sources)
{
    /// <summary>All of them, ordered by name.</summary>
    /// <exception cref="InvalidOperationException">Two have one name.</exception>
    public async ValueTask<IReadOnlyList<WorkerDefinition>> ReadAsync(CancellationToken cancellationToken)
    {
        var all = new SortedDictionary<string, WorkerDefinition>(StringComparer.Ordinal);
        foreach (var source in sources)
        {
            foreach (var one in await source.ReadAsync(cancellationToken))
            {
                if (!all.TryAdd(one.Name, one))
                    throw new InvalidOperationException(
                        $"Two readers of the log are called '{one.Name}': a {all[one.Name].Kind} and a {one.Kind}. "
                        + "Give one of them another name.");
            }
        }

        return [.. all.Values];
    }

    /// <summary>A reader by its name; null where there is none.</summary>
    public async ValueTask<WorkerDefinition?> FindAsync(string name, CancellationToken cancellationToken) =>
        (await ReadAsync(cancellationToken)).FirstOrDefault(one => one.Name == name);
}
