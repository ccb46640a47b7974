namespace Granary.Testing;

/// <summary>What a <see cref="GranaryTestCluster"/> consists of.</summary>
public sealed class GranaryTestClusterOptions
{
    /// <summary>How many silos it starts with.</summary>
    public short SiloCount { get; init; } = 1;

    /// <summary>The event store; null for one in memory with one partition.</summary>
    public IEventStore? Store { get; init; }

    /// <summary>The snapshot store; null for one in memory.</summary>
    public ISnapshotStore? Snapshots { get; init; }

    /// <summary>The store of models; null for one in memory.</summary>
    public IModelStore? Models { get; init; }

    /// <summary>
    /// The silos' clock; null for the real one. While it does not advance, neither do the waits for a retry.
    /// </summary>
    public TimeProvider? Time { get; init; }

    /// <summary>Adds to each silo.</summary>
    public Action<ISiloBuilder, IGranaryBuilder>? Configure { get; init; }
}
