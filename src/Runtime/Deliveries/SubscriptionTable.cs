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
        await ReadRowAsync(models, name, cancellationToken) is { } row ? Parse(row) : null;

    /// <summary>The row of one of them; null where there is none of that name.</summary>
    public static async ValueTask<ModelRow?> ReadRowAsync(
        IModelStore models, string name, CancellationToken cancellationToken) =>
        (await models.ReadAsync(DeliveryTables.Subscriptions, [name], cancellationToken)).SingleOrDefault();

    /// <summary>What a row says.</summary>
    /// <exception cref="StoreCorruptException">It cannot be read.</exception>
    public static SubscriptionDocument Parse(ModelRow row) =>
        JsonSerializer.Deserialize(row.Document.Span, DeliveryJson.Default.SubscriptionDocument)
        ?? throw new StoreCorruptException($"The subscription '{row.Key}' cannot be read.");
}
