using System.Text.Json;

namespace Granary.Runtime;

/// <summary>The durable subscriptions as they are stored.</summary>
internal sealed class SubscriptionTable(IModelStore models)
{
    private const int TriesMax = 20;

    /// <summary>All of them, by name.</summary>
    public async ValueTask<IReadOnlyDictionary<string, SubscriptionDocument>> ReadAsync(
        CancellationToken cancellationToken)
    {
        var page = await models.QueryAsync(
            new ModelQuery(DeliveryTables.Subscriptions) { Limit = GranaryLimits.PageSizeMax }, cancellationToken);
        return page.Rows.ToDictionary(static row => row.Key, Parse);
    }

    /// <summary>One of them; null where there is none of that name.</summary>
    public async ValueTask<SubscriptionDocument?> FindAsync(string name, CancellationToken cancellationToken) =>
        await ReadRowAsync(name, cancellationToken) is { } row ? Parse(row) : null;

    /// <summary>Adds one where there is none of that name.</summary>
    /// <returns>The one that is stored, and whether it was added.</returns>
    public async ValueTask<(SubscriptionDocument Stored, bool Added)> AddAsync(
        string name, SubscriptionDocument document, CancellationToken cancellationToken)
    {
        for (var tries = 0; tries < TriesMax; tries++)
        {
            if (await FindAsync(name, cancellationToken) is { } found) return (found, false);
            var json = JsonSerializer.SerializeToUtf8Bytes(document, DeliveryJson.Default.SubscriptionDocument);
            var put = ModelWrite.Put(DeliveryTables.Subscriptions, name, null, json, []);
            if (await models.CommitAsync(new ModelCommit(put) { Durable = true }, cancellationToken)
                == ModelCommitOutcome.Committed) return (document, true);
        }

        throw Contended(name);
    }

    /// <summary>Deletes one.</summary>
    /// <returns>Whether there was one.</returns>
    public async ValueTask<bool> DeleteAsync(string name, CancellationToken cancellationToken)
    {
        for (var tries = 0; tries < TriesMax; tries++)
        {
            if (await ReadRowAsync(name, cancellationToken) is not { } row) return false;
            var delete = ModelWrite.Delete(DeliveryTables.Subscriptions, row);
            if (await models.CommitAsync(new ModelCommit(delete) { Durable = true }, cancellationToken)
                == ModelCommitOutcome.Committed) return true;
        }

        throw Contended(name);
    }

    private async ValueTask<ModelRow?> ReadRowAsync(string name, CancellationToken cancellationToken) =>
        (await models.ReadAsync(DeliveryTables.Subscriptions, [name], cancellationToken)).SingleOrDefault();

    private static SubscriptionDocument Parse(ModelRow row) =>
        JsonSerializer.Deserialize(row.Document.Span, DeliveryJson.Default.SubscriptionDocument)
        ?? throw new StoreCorruptException($"The subscription '{row.Key}' cannot be read.");

    private static StoreUnavailableException Contended(string name) => new(
        $"The subscription '{name}' was created and deleted by others {TriesMax} times meanwhile. Try again.");
}
