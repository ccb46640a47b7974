using System.Text.Json;

namespace Granary.Runtime;

/// <summary>
/// The row that each commit of a worker writes anew, as it was after the commit before: of two workers that took over
/// at the same time only one can commit. It is created with the subscription and names its id, so none can commit that
/// is left over from a subscription that was deleted.
/// </summary>
internal sealed class DeliveryOwner(IModelStore models, WorkerDefinition definition, LogPartition partition)
{
    private readonly string _key = ReaderKeys.Of(definition.Name, partition);
    private readonly ReadOnlyMemory<byte> _document = JsonSerializer.SerializeToUtf8Bytes(
        new DeliveryOwnerDocument(definition.Id), DeliveryJson.Default.DeliveryOwnerDocument);

    private ModelRow? _row;

    /// <summary>
    /// Reads the row; to be called before the checkpoint is taken over and the rows of deliveries are read.
    /// </summary>
    /// <exception cref="StoreUnavailableException">It is not there, or that of another subscription.</exception>
    public async ValueTask LoadAsync(CancellationToken cancellationToken)
    {
        _row = (await models.ReadAsync(DeliveryTables.Owners, [_key], cancellationToken)).SingleOrDefault();
        if (_row is null || Parse(_row).Id != definition.Id)
            throw new StoreUnavailableException(
                $"The subscription '{definition.Name}' is deleted or created at this moment. It is tried again; "
                + "where that lasts, delete it and create it again.");
    }

    /// <summary>The write of the next commit; before the row was read, that which creates it.</summary>
    public ModelWrite ToPut() => ModelWrite.Put(DeliveryTables.Owners, _key, _row, _document, []);

    /// <summary>The commit of that revision has landed.</summary>
    public void OnCommitted(long revision) => _row = new ModelRow(_key, _document, default, revision);

    private static DeliveryOwnerDocument Parse(ModelRow row) =>
        JsonSerializer.Deserialize(row.Document.Span, DeliveryJson.Default.DeliveryOwnerDocument)
        ?? throw new StoreCorruptException($"The row '{row.Key}' of '{DeliveryTables.Owners.Name}' has no document.");
}
