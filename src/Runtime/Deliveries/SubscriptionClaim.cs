using System.Text.Json;

namespace Granary.Runtime;

/// <summary>
/// The row of a subscription, for a call that creates or deletes it. Each commit of the call writes the row, and
/// expects it as the call wrote it before: of two calls, as from two silos, the one that was overtaken changes nothing
/// any more.
/// </summary>
internal sealed class SubscriptionClaim
{
    private readonly IModelStore _models;
    private readonly string _name;
    private ModelRow? _row;

    private SubscriptionClaim(IModelStore models, string name, ModelRow? row)
    {
        (_models, _name, _row) = (models, name, row);
        Document = row is null ? null : SubscriptionTable.Parse(row);
    }

    /// <summary>The subscription; null where there is none.</summary>
    public SubscriptionDocument? Document { get; private set; }

    /// <summary>Begins a call with the row as it is.</summary>
    public static async ValueTask<SubscriptionClaim> ReadAsync(
        IModelStore models, string name, CancellationToken cancellationToken) =>
        new(models, name, await SubscriptionTable.ReadRowAsync(models, name, cancellationToken));

    /// <summary>Replaces the subscription, or adds it, or deletes it.</summary>
    /// <param name="after">As it is to be; null to delete it.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="StoreUnavailableException">Another call has changed it meanwhile.</exception>
    public async ValueTask ReplaceAsync(SubscriptionDocument? after, CancellationToken cancellationToken)
    {
        if (_row is null && after is null) return;
        var write = after is null ? ModelWrite.Delete(DeliveryTables.Subscriptions, _row!) : PutOf(after);
        var commit = new ModelCommit(write) { Durable = true };
        if (await _models.CommitAsync(commit, cancellationToken) != ModelCommitOutcome.Committed) throw Changed();
        Document = after;
        OnCommitted(write, commit.Id);
    }

    /// <summary>The write that belongs into each commit of the call.</summary>
    public ModelWrite ToPut() => PutOf(Document!);

    /// <summary>The commit of that revision, which had the write, has landed.</summary>
    public void OnCommitted(ModelWrite put, long revision) => _row = put.Document is { } document
        ? new ModelRow(_name, document, put.Position, revision)
        : null;

    /// <summary>Commits changes of other rows of the subscription.</summary>
    /// <returns>Whether they are committed; false where one of those rows was changed meanwhile.</returns>
    /// <exception cref="StoreUnavailableException">Another call has changed the subscription meanwhile.</exception>
    public async ValueTask<bool> CommitAsync(IReadOnlyList<ModelWrite> writes, CancellationToken cancellationToken)
    {
        var put = ToPut();
        var commit = new ModelCommit([put, .. writes]) { Durable = true };
        if (await _models.CommitAsync(commit, cancellationToken) == ModelCommitOutcome.Committed)
        {
            OnCommitted(put, commit.Id);
            return true;
        }

        var now = await SubscriptionTable.ReadRowAsync(_models, _name, cancellationToken);
        return now?.Revision == _row!.Revision ? false : throw Changed();
    }

    /// <summary>The error of a call that was overtaken.</summary>
    public StoreUnavailableException Changed() => new(
        $"The subscription '{_name}' was created or deleted by another caller meanwhile. Try again.");

    private ModelWrite PutOf(SubscriptionDocument document) => ModelWrite.Put(
        DeliveryTables.Subscriptions, _name, _row,
        JsonSerializer.SerializeToUtf8Bytes(document, DeliveryJson.Default.SubscriptionDocument), []);
}
