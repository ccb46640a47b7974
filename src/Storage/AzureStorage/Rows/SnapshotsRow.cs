using System.Text;
using Azure;
using Azure.Data.Tables;

namespace Granary.Storage.AzureStorage;

/// <summary>
/// Which snapshots of a stream are kept, by version, and the blobs that they are in. A clearing and a truncation
/// replace the row together with the stream's head: what is written by its ETag was checked against the head.
/// </summary>
internal sealed record SnapshotsRow(string Hash, IReadOnlyList<KeptSnapshot> Kept)
{
    /// <summary>The row that was read; the default where there was none.</summary>
    public ETag ETag { get; init; }

    public static SnapshotsRow None(string hash) => new(hash, []);

    public static SnapshotsRow Read(string hash, TableEntity? row)
    {
        if (row is null) return None(hash);
        using var buffer = BytesSum.Open(row.Checked().ReadData());
        using var reader = new BinaryReader(buffer, Encoding.UTF8);
        var kept = new List<KeptSnapshot>();
        while (buffer.Position < buffer.Length) kept.Add(KeptSnapshot.Read(reader));
        return new SnapshotsRow(hash, kept) { ETag = row.ETag };
    }

    /// <summary>The same with one more, in the place of one of its version, and no more than are kept.</summary>
    /// <param name="added">The one more.</param>
    /// <param name="head">The stream: the one that it begins at stays.</param>
    public SnapshotsRow With(KeptSnapshot? added, HeadRow head)
    {
        var all = Kept.Where(one => one.Version != added?.Version)
            .Concat(added is null ? [] : [added]).OrderBy(static one => one.Version).ToList();
        return this with
        {
            Kept =
            [
                .. all.SkipLast(ISnapshotStore.KeptMax).Where(one => IsBase(one, head)),
                .. all.TakeLast(ISnapshotStore.KeptMax),
            ],
        };
    }

    /// <summary>The same without those of earlier versions.</summary>
    public SnapshotsRow From(long version) => this with { Kept = [.. Kept.Where(one => one.Version >= version)] };

    /// <summary>Whether the states of a truncated stream begin at a snapshot.</summary>
    public static bool IsBase(KeptSnapshot one, HeadRow head) =>
        head.FirstPosition > 0 && one.Version == head.First;

    public TableEntity ToEntity(LogPartition partition)
    {
        using var buffer = new MemoryStream();
        using (var writer = new BinaryWriter(buffer, Encoding.UTF8, leaveOpen: true))
        {
            foreach (var one in Kept) one.Write(writer);
        }

        var row = new TableEntity(RowKeys.PartitionOf(partition), RowKeys.OfSnapshots(Hash));
        row.WriteData(BytesSum.Add(buffer));
        return row.WithSum();
    }

    /// <summary>The action that writes the row where it is as it was read.</summary>
    public TableTransactionAction ToAction(LogPartition partition) => ETag == default
        ? new TableTransactionAction(TableTransactionActionType.Add, ToEntity(partition))
        : new TableTransactionAction(TableTransactionActionType.UpdateReplace, ToEntity(partition), ETag);
}
