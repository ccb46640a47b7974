namespace Granary.Runtime;

/// <summary>
/// The row that each commit of a worker writes anew, as it was after the commit before: of two workers that took over
/// at the same time only one can commit, and none that is left over from a subscription that was deleted.
/// </summary>
internal sealed class DeliveryOwner(IModelStore models, string reader, LogPartition partition)
{
    private static readonly ReadOnlyMemory<byte> Document = "{}"u8.ToArray();

    private readonly string _key = ReaderKeys.Of(reader, partition);
    private ModelRow? _row;

    /// <summary>Reads the row; to be called before the rows of deliveries are read.</summary>
    public async ValueTask LoadAsync(CancellationToken cancellationToken) =>
        _row = (await models.ReadAsync(DeliveryTables.Owners, [_key], cancellationToken)).SingleOrDefault();

    /// <summary>The write of the next commit.</summary>
    public ModelWrite ToPut() => ModelWrite.Put(DeliveryTables.Owners, _key, _row, Document, []);

    /// <summary>The commit of that revision has landed.</summary>
    public void OnCommitted(long revision) => _row = new ModelRow(_key, Document, default, revision);
}
