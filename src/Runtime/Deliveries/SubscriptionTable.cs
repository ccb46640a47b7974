using System.Text.Json;

namespace Granary.Runtime;

/// <summary>The durable subscriptions as they are stored.</summary>
internal sealed class SubscriptionTable(IModelStore models)
{
    /// <summary>All of them, by name.</summary>
    public async ValueTask<IReadOnlyDictionary<string, SubscriptionDocument>> ReadAsync(
        CancellationToken cancellationToken)
    {
        var all = new Dictionary<string, SubscriptionDocument>(StringComparer.Ordinal);
        ModelCursor? after = null;
        do
        {
            var page = await models.QueryAsync(
                new ModelQuery(DeliveryTables.Subscriptions) { After = after, Limit = GranaryLimits.PageSizeMax },
                cancellationToken);
            foreach (var row in page.Rows) all[row.Key] = Parse(row);
            after = page.Next;
        }
        while (after is not null);
        return all;
    }

    /// <summary>One of them; null where there is none of that name.</summary>
    public async ValueTask<SubscriptionDocument?> FindAsync(string name, CancellationToken cancellationToken) =>
        await ReadRowAsync(name, cancellationToken) is { } row ? Parse(row) : null;

    /// <summary>Replaces one, or adds it, or deletes it.</summary>
    /// <param name="name">The name.</param>
    /// <param name="before">As it was read; null where there was none.</param>
    /// <param name="after">As it is to be; null to delete it.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="StoreUnavailableException">Another caller has changed it meanwhile.</exception>
    public async ValueTask ReplaceAsync(
        string name, SubscriptionDocument? before, SubscriptionDocument? after, CancellationToken cancellationToken)
    {
        var row = await ReadRowAsync(name, cancellationToken);
        var isSame = row is null ? before is null : before is not null && IsAs(Parse(row), before);
        if (isSame && row is null && after is null) return;
        var outcome = isSame
            ? await models.CommitAsync(
                new ModelCommit(WriteOf(name, row, after)) { Durable = true }, cancellationToken)
            : ModelCommitOutcome.RowsChanged;
        if (outcome != ModelCommitOutcome.Committed)
            throw new StoreUnavailableException(
                $"The subscription '{name}' was created or deleted by another caller meanwhile. Try again.");
    }

    private static bool IsAs(SubscriptionDocument stored, SubscriptionDocument other) =>
        stored.Id == other.Id && stored.State == other.State;

    private static ModelWrite WriteOf(string name, ModelRow? row, SubscriptionDocument? after) => after is null
        ? ModelWrite.Delete(DeliveryTables.Subscriptions, row!)
        : ModelWrite.Put(
            DeliveryTables.Subscriptions, name, row,
            JsonSerializer.SerializeToUtf8Bytes(after, DeliveryJson.Default.SubscriptionDocument), []);

    private async ValueTask<ModelRow?> ReadRowAsync(string name, CancellationToken cancellationToken) =>
        (await models.ReadAsync(DeliveryTables.Subscriptions, [name], cancellationToken)).SingleOrDefault();

    private static SubscriptionDocument Parse(ModelRow row) =>
        JsonSerializer.Deserialize(row.Document.Span, DeliveryJson.Default.SubscriptionDocument)
        ?? throw new StoreCorruptException($"The subscription '{row.Key}' cannot be read.");
}
