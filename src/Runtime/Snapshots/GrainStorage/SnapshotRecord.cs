namespace Granary.Runtime;

/// <summary>
/// The snapshots of a stream as a grain storage keeps them. The names of its types and members are a format: storages
/// write them as JSON or by Orleans' serializer. It is emptied and never removed: a storage makes no difference between
/// a record that was removed and one that never was, and a late write of a snapshot would not be noticed.
/// </summary>
[GenerateSerializer, Alias("granary.SnapshotRecord")]
internal sealed class SnapshotRecord
{
    /// <summary>What the snapshots beside the newest one may hold together, in bytes.</summary>
    public const int BytesMax = 256 * 1024;

    /// <summary>How many removals run at once at most.</summary>
    public const int RemovalsMax = 32;

    /// <summary>The stream, for who looks into the storage: the record's key is a hash.</summary>
    [Id(0)]
    public string Stream { get; set; } = "";

    /// <summary>The clearings and truncations that run.</summary>
    [Id(1)]
    public List<SnapshotRemoval> Removals { get; set; } = [];

    /// <summary>The position after the stream's last clearing, as far as it is known here.</summary>
    [Id(3)]
    public long ClearedBefore { get; set; }

    /// <summary>The snapshots, by version.</summary>
    [Id(2)]
    public List<StoredSnapshot> Snapshots { get; set; } = [];

    /// <summary>Whether a removal runs that may be of the event at a position.</summary>
    public bool IsBeingRemoved(long position, DateTimeOffset now) =>
        Removals.Exists(one => !one.IsOver(now) && position < one.Before);

    /// <summary>The snapshot of a version; null where there is none.</summary>
    public StoredSnapshot? Find(long version) => Snapshots.Find(one => one.Version == version);

    /// <summary>
    /// Adds a snapshot, in the place of one of the same version, and drops the oldest beyond what is kept.
    /// </summary>
    public void Add(StoredSnapshot snapshot)
    {
        Snapshots.RemoveAll(one => one.Version == snapshot.Version);
        Snapshots.Add(snapshot);
        Snapshots.Sort(static (one, other) => one.Version.CompareTo(other.Version));
        var (kept, bytes) = (1, (long)Snapshots[^1].Payload.Length);
        while (kept < Math.Min(Snapshots.Count, ISnapshotStore.KeptMax))
        {
            bytes += Snapshots[^(kept + 1)].Payload.Length;
            if (bytes > BytesMax) break;
            kept++;
        }

        Snapshots.RemoveRange(0, Snapshots.Count - kept);
    }
}

/// <summary>A clearing or truncation that runs. Until it has ended, no snapshot of what it removes is kept.</summary>
[GenerateSerializer, Alias("granary.SnapshotRemoval")]
internal sealed class SnapshotRemoval
{
    /// <summary>Which one: a retry has the same.</summary>
    [Id(0)]
    public Guid Id { get; set; }

    /// <summary>The position before which the events go.</summary>
    [Id(1)]
    public long Before { get; set; }

    /// <summary>When it counts as one whose process was killed, in ticks of UTC.</summary>
    [Id(2)]
    public long UntilUtcTicks { get; set; }

    /// <summary>Whether its process was killed, long ago.</summary>
    public bool IsOver(DateTimeOffset now) => UntilUtcTicks <= now.UtcTicks;
}
