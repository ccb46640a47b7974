using Azure;
using Azure.Data.Tables;

namespace Granary.Storage.AzureStorage;

/// <summary>
/// Whether attempts to commit count. The row of an attempt is inserted once, by itself or by who ends it; without one
/// it is not decided. A decision that an attempt counts replaces a row in its transaction: the checkpoint that it
/// moves,
/// or else its ticket. Where that row was written since, the decision is refused, whenever it arrives.
/// </summary>
internal sealed class ModelDecisions(AzureAccount account)
{
    /// <summary>The property that says whether the attempt counts.</summary>
    public const string CommittedName = "Committed";

    /// <summary>The action that decides for an attempt.</summary>
    public static TableTransactionAction ToCommit(string partition, Guid attempt) =>
        new(TableTransactionActionType.Add, ToEntity(partition, attempt, committed: true));

    /// <summary>
    /// Writes the ticket of an attempt that moves no checkpoint. It is there before any row is locked.
    /// </summary>
    /// <returns>The ticket; null where it was refused.</returns>
    public async Task<ETag?> AdmitAsync(Guid attempt)
    {
        var ticket = new TableTransactionAction(TableTransactionActionType.UpsertReplace, ToTicket(attempt));
        return (await account.TransactAsync([ticket], CancellationToken.None).ConfigureAwait(false))?[0];
    }

    /// <summary>The action that uses a ticket.</summary>
    public static TableTransactionAction ToUse(Guid attempt, ETag ticket) =>
        new(TableTransactionActionType.Delete, ToTicket(attempt), ticket);

    /// <summary>Deletes a ticket: the attempt cannot count any more.</summary>
    public Task WithdrawAsync(Guid attempt) => account.CallAsync(
        token => account.Table.DeleteEntityAsync(ModelKeys.Commits, ModelKeys.TicketOf(attempt), ETag.All, token),
        CancellationToken.None);

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

    private static TableEntity ToTicket(Guid attempt) => new(ModelKeys.Commits, ModelKeys.TicketOf(attempt));

    private static TableEntity ToEntity(string partition, Guid attempt, bool committed) =>
        new(partition, ModelKeys.DecisionOf(attempt)) { [CommittedName] = committed };
}
