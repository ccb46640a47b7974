namespace Granary.Runtime;

/// <summary>The ids of the commands that run now, so that one that is sent again waits for the first.</summary>
internal sealed class RunningCommands
{
    // A promise is made only when a caller waits.
    private readonly Dictionary<string, TaskCompletionSource?> _byId = new(StringComparer.Ordinal);

    /// <summary>What completes when the command with this id has ended; null where none runs.</summary>
    public Task? Find(string id)
    {
        if (!_byId.TryGetValue(id, out var ended)) return null;
        if (ended is null) _byId[id] = ended = new TaskCompletionSource();
        return ended.Task;
    }

    public void Begin(string id) => _byId.Add(id, null);

    public void End(string id)
    {
        if (_byId.Remove(id, out var ended)) ended?.TrySetResult();
    }
}
