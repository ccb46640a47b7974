using Azure;
using Azure.Data.Tables;

namespace Granary.Storage.AzureStorage;

/// <summary>
/// Whether attempts to commit count. The row of an attempt is inserted once, by itself or by who ends it; without one
/// it is not decided.
/// </summary>
internal sealed class ModelDecisions(AzureAccount account)
{
    private const string CommittedName = "Committed";

    /// <summary>The action that decides for an attempt.</summary>
    public static TableTransactionAction ToCommit(string partition, Guid attempt) =>
        new(TableTransactionActionType.Add, ToEntity(partition, attempt, committed: true));

    /// <summary>Whether an attempt counts; null where it is not decided.</summary>
    public async Task<bool?> FindAsync(string partition, Guid attempt, CancellationToken cancellationToken) =>
        (await account.FindAsync(partition, ModelKeys.DecisionOf(attempt), cancellationToken).ConfigureAwait(false))
            ?.GetBoolean(CommittedName);

    /// <summary>Decides against an attempt where it is not decided. Nothing of it can land after this.</summary>
    /// <returns>Whether it does not count.</returns>
    public async Task<bool> EndAsync(string partition, Guid attempt, CancellationToken cancellationToken)
    {
        var action = new TableTransactionAction(
            TableTransactionActionType.Add, ToEntity(partition, attempt, committed: false));
        if (await account.TryTransactAsync([action], cancellationToken).ConfigureAwait(false)) return true;
        return await FindAsync(partition, attempt, cancellationToken).ConfigureAwait(false) is not true;
    }

    /// <summary>Deletes a decision. No row may be locked by the attempt any more.</summary>
    public Task ForgetAsync(string partition, Guid attempt, CancellationToken cancellationToken) => account.CallAsync(
        token => account.Table.DeleteEntityAsync(partition, ModelKeys.DecisionOf(attempt), ETag.All, token),
        cancellationToken);

    private static TableEntity ToEntity(string partition, Guid attempt, bool committed) =>
        new(partition, ModelKeys.DecisionOf(attempt)) { [CommittedName] = committed };
}
