using Azure;
using Azure.Data.Tables;
using Microsoft.Extensions.Logging;

namespace Granary.Storage.AzureStorage;

/// <summary>Sends plans, and finds out whether one has landed that got no answer.</summary>
internal sealed class PartitionCommitter(LogPartition partition, AzureAccount account, ILogger logger)
{
    /// <summary>Commits a plan.</summary>
    /// <returns>
    /// The tail since; null where the plan is void: nothing of it has landed, and nothing of it lands later.
    /// </returns>
    public async Task<TailRow?> TryCommitAsync(CommitPlan plan, RetryBudget budget)
    {
        var actions = plan.ToActions();
        TransactionLimits.Check(actions);
        try
        {
            var answer = await account.Table.SubmitTransactionAsync(actions, CancellationToken.None)
                .ConfigureAwait(false);
            return plan.TailAfter(answer.Value[0].Headers.ETag!.Value);
        }
        catch (RequestFailedException fault) when (AzureErrors.IsRefused(fault))
        {
            return await ResolveAsync(plan, fault, isUncertain: false).ConfigureAwait(false);
        }
        catch (Exception fault) when (AzureErrors.IsTransient(fault, CancellationToken.None))
        {
            var landed = await ResolveAsync(plan, fault, isUncertain: true).ConfigureAwait(false);
            if (landed is null && !await budget.WaitAsync(fault, CancellationToken.None).ConfigureAwait(false))
                throw AzureErrors.Map(fault, account.Name);
            return landed;
        }
        catch (Exception fault) when (AzureErrors.IsOfService(fault, CancellationToken.None))
        {
            throw AzureErrors.Map(fault, account.Name);
        }
    }

    // A refusal counts for little by itself: what is between here and the service may send a request twice.
    private async Task<TailRow?> ResolveAsync(CommitPlan plan, Exception fault, bool isUncertain)
    {
        try
        {
            while (true)
            {
                var tail = await account.ReadTailAsync(partition, CancellationToken.None).ConfigureAwait(false);
                if (tail.Commit == plan.Id) return tail;
                if (tail.ETag != plan.Base.ETag)
                    return await HasLandedAsync(plan, tail).ConfigureAwait(false) ? tail : null;

                // A commit that is still on the way must not land after this: it finds another ETag.
                if (isUncertain)
                {
                    if (await TryTouchAsync(tail).ConfigureAwait(false)) return null;
                }
                else if (fault is TableTransactionFailedException { FailedTransactionActionIndex: > 0 } failed)
                {
                    throw new StoreCorruptException(
                        $"{account.Name}: partition {partition} ends at position {tail.End}, but has rows after that "
                        + $"(action {failed.FailedTransactionActionIndex} of a commit was refused). Restore the table "
                        + "from a backup.", fault);
                }
                else
                {
                    return null;
                }
            }
        }
        catch (StoreUnavailableException unknown)
        {
            logger.CommitNotResolved(unknown, partition, account.Name);
            throw;
        }
    }

    private async Task<bool> HasLandedAsync(CommitPlan plan, TailRow tail)
    {
        if (tail.End < plan.End) return false;
        var row = await account.FindAsync(
            RowKeys.PartitionOf(partition), RowKeys.OfCommit(plan.End), CancellationToken.None).ConfigureAwait(false);
        return row?.GetGuid(CommitRow.CommitName) == plan.Id;
    }

    private async Task<bool> TryTouchAsync(TailRow tail)
    {
        try
        {
            // Its own id is not the plan's: who reads it does not take the plan for landed.
            var touched = (tail with { Commit = Uuid7.New(account.Time) }).ToEntity();
            await account.CallAsync(
                token => account.Table.UpdateEntityAsync(touched, tail.ETag, TableUpdateMode.Replace, token),
                CancellationToken.None).ConfigureAwait(false);
            return true;
        }
        catch (RequestFailedException fault) when (AzureErrors.IsRefused(fault))
        {
            return false;
        }
    }
}
