namespace Granary.Testing.Conformance;

/// <summary>A store as one process has it open.</summary>
public sealed record OpenStore(
    IEventStore Events, ISnapshotStore Snapshots, ICheckpointStore Checkpoints, ILogTail Tail,
    IStreamCatalog Streams)
{
    /// <summary>
    /// The model store; null where the store keeps no models: the suites of model stores are skipped.
    /// </summary>
    public IModelStore? Models { get; init; }
}

/// <summary>
/// The data of one test, and how a store is opened on it. That is all a new store brings along; it enrols in each suite
/// by an empty subclass.
/// </summary>
public abstract class TestStore(int partitions) : IAsyncDisposable
{
    private readonly List<OpenStore> _open = [];

    public int Partitions { get; } = partitions;

    /// <summary>
    /// Why the store cannot be tested here, as where it needs a server that there is none of: its tests are skipped
    /// with this reason. Null where it can.
    /// </summary>
    public virtual string? SkipReason => null;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>
    /// Opens the store once more on the same data, as another process would. What was opened before stays open: a
    /// process that crashed is one that is never used again.
    /// </summary>
    public async ValueTask<OpenStore> OpenAsync()
    {
        var opened = Open();
        _open.Add(opened);
        await opened.Events.InitializeAsync(Token);
        if (opened.Models is { } models) await models.InitializeAsync(Token);
        return opened;
    }

    /// <summary>Closes what is open, as a process that ends in peace does, and opens the store again.</summary>
    public async ValueTask<OpenStore> ReopenAsync()
    {
        await CloseAsync();
        return await OpenAsync();
    }

    public virtual async ValueTask DisposeAsync()
    {
        await CloseAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>
    /// A further instance on the same data. A store whose data are in the instance itself returns the same instance
    /// again.
    /// </summary>
    protected abstract OpenStore Open();

    private async ValueTask CloseAsync()
    {
        foreach (var opened in _open)
        {
            if (opened.Models is IAsyncDisposable models) await models.DisposeAsync();
            if (opened.Events is IAsyncDisposable events) await events.DisposeAsync();
        }

        _open.Clear();
    }
}
