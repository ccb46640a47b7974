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
        for (var mayLand = false; ; mayLand = true)
        {
            Exception? fault;
            try
            {
                var answer = await account.Table.SubmitTransactionAsync(actions, CancellationToken.None)
                    .ConfigureAwait(false);
                return plan.TailAfter(answer.Value[0].Headers.ETag!.Value);
            }
            catch (RequestFailedException refused) when (AzureErrors.IsRefused(refused))
            {
                // It counts for little by itself: what is between here and the service may send a request twice.
                if (await ResolveAsync(plan, mayNotLand: false).ConfigureAwait(false) is var (isPending, tail)
                    && !isPending) return tail;
                ThrowIfDamaged(plan, refused);
                fault = refused;
            }
            catch (Exception failed) when (AzureErrors.IsOfService(failed, CancellationToken.None))
            {
                fault = failed;
            }

            // What is sent again has the same id: whichever of the two lands, it is this commit, and once.
            var isSentAgain = fault is RequestFailedException { Status: 409 or 412 }
                || AzureErrors.IsTransient(fault, CancellationToken.None);
            var isLast = !isSentAgain || !await budget.WaitAsync(fault, CancellationToken.None).ConfigureAwait(false);
            if ((isSentAgain || mayLand)
                && await ResolveAsync(plan, isLast).ConfigureAwait(false) is var (pending, landed) && !pending)
                return landed;
            if (isLast) throw AzureErrors.Map(fault, account.Name);
        }
    }

    // Another row than the tail was in the way, and the tail is as it was.
    private void ThrowIfDamaged(CommitPlan plan, RequestFailedException fault)
    {
        if (fault is TableTransactionFailedException { FailedTransactionActionIndex: > 0 } failed)
            throw new StoreCorruptException(
                $"{account.Name}: partition {partition} ends at position {plan.Base.End}, but has rows after that "
                + $"(action {failed.FailedTransactionActionIndex} of a commit was refused). Restore the table from a "
                + "backup.", AzureErrors.Plain(fault));
    }

    // What became of a plan: pending where the tail is still its own. Where it must not land any more, the tail is
    // replaced then: a request that is still on its way finds another one.
    private async Task<(bool IsPending, TailRow? Landed)> ResolveAsync(CommitPlan plan, bool mayNotLand)
    {
        try
        {
            while (true)
            {
                var tail = await account.ReadTailAsync(partition, CancellationToken.None).ConfigureAwait(false);
                if (tail.Commit == plan.Id) return (false, tail);
                if (tail.ETag != plan.Base.ETag)
                    return (false, await HasLandedAsync(plan, tail).ConfigureAwait(false) ? tail : null);
                if (!mayNotLand || await TryTouchAsync(tail).ConfigureAwait(false)) return (true, null);
            }
        }
        catch (GranaryException unknown)
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
        return row is not null && CommitRow.Read(row).Commit == plan.Id;
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
