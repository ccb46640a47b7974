using Microsoft.Extensions.Logging;

namespace Granary.Storage.AzureStorage;

/// <summary>
/// Commits the batches of a partition, one at a time. What it knows of the partition's tail and of streams it keeps
/// while it is the only one that writes: then a commit is one request.
/// </summary>
internal sealed class PartitionWriter(
    LogPartition partition, AzureAccount account, AzureBlobs blobs, double spread, ILogger logger) : IDisposable
{
    private const int StreamsMax = 4_096;
    private const int KeptMax = 100_000;

    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly CommitPlanner _planner = new(partition, account, blobs);
    private readonly PartitionCommitter _committer = new(partition, account, logger);
    private readonly Dictionary<StreamName, StreamState> _streams = [];
    private TailRow? _tail;
    private Azure.ETag _waited;

    /// <summary>Commits a batch, and sets its answers.</summary>
    /// <returns>The position of the partition's last event.</returns>
    public async Task<GlobalPosition> CommitAsync(AppendBatch batch, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await CommitInTurnAsync(batch, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            Forget();
            throw;
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();

    private async Task<GlobalPosition> CommitInTurnAsync(AppendBatch batch, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var budget = account.StartBudget();
        var (isFresh, end) = (false, 0L);
        for (var (at, tries) = (0, 1); at < batch.Appends.Count;)
        {
            isFresh |= _tail is null;
            var tail = _tail ??= await ReadTailAsync(cancellationToken).ConfigureAwait(false);
            if (_streams.Count > StreamsMax) _streams.Clear();
            end = tail.End;
            if (batch.Epoch != 0 && batch.Epoch != tail.Epoch)
            {
                if (isFresh) throw new StaleEpochException(partition, batch.Epoch, tail.Epoch);
                Forget();
                continue;
            }

            var plan = await _planner.PlanAsync(batch, at, tail, _streams, cancellationToken).ConfigureAwait(false);
            if (plan.IsEmpty ? isFresh || await IsCurrentAsync(tail, cancellationToken).ConfigureAwait(false)
                : await TryWriteAsync(plan, budget, cancellationToken).ConfigureAwait(false))
            {
                foreach (var answer in plan.Answers) batch.SetResult(at++, answer);
                end = plan.End;

                // What has begun is not cancelled.
                if (!plan.IsEmpty) (isFresh, cancellationToken) = (true, CancellationToken.None);
                tries = 1;
                continue;
            }

            Forget();
            isFresh = false;
            if (!await budget.WaitForTurnAsync(tries++, spread).ConfigureAwait(false))
                throw new StoreUnavailableException(
                    $"Other processes commit to partition {partition} of {account.Name} all the time. Try again; route "
                    + "the commits of a partition to one silo.");
        }

        return new GlobalPosition(end);
    }

    // Somebody who has asked for it gets the time to be first.
    private async Task<TailRow> ReadTailAsync(CancellationToken cancellationToken)
    {
        var tail = await account.ReadTailAsync(partition, cancellationToken).ConfigureAwait(false);
        if (tail.PauseMs <= 0 || tail.ETag == _waited) return tail;
        _waited = tail.ETag;
        var pause = TimeSpan.FromMilliseconds(Math.Min(tail.PauseMs, AzureAccount.PauseMaxMs));
        await Task.Delay(pause, account.Time, cancellationToken).ConfigureAwait(false);
        return await account.ReadTailAsync(partition, cancellationToken).ConfigureAwait(false);
    }

    private async Task<bool> TryWriteAsync(CommitPlan plan, RetryBudget budget, CancellationToken cancellationToken)
    {
        foreach (var (name, bytes) in plan.Blobs)
            await blobs.WriteAsync(name, bytes, cancellationToken).ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        if (await _committer.TryCommitAsync(plan, budget).ConfigureAwait(false) is not { } tail)
        {
            foreach (var (name, _) in plan.Blobs) await DeleteAsync(name).ConfigureAwait(false);
            return false;
        }

        if (tail.Commit == plan.Id) Remember(plan, tail);
        else Forget();
        return true;
    }

    private async Task<bool> IsCurrentAsync(TailRow tail, CancellationToken cancellationToken) =>
        (await account.ReadTailAsync(partition, cancellationToken).ConfigureAwait(false)).ETag == tail.ETag;

    private void Remember(CommitPlan plan, TailRow tail)
    {
        _tail = tail;
        foreach (var stream in plan.Changed)
        {
            if (stream.Clearing is not null)
            {
                _streams.Remove(stream.Head.Stream);
                continue;
            }

            stream.State.Grow(stream.Head, stream.Appended.ConvertAll(static one => one.Append));
        }

        if (_streams.Count > StreamsMax || _streams.Values.Sum(static one => one.Kept) > KeptMax) _streams.Clear();
    }

    private void Forget()
    {
        _tail = null;
        _streams.Clear();
    }

    private async Task DeleteAsync(string blob)
    {
        try
        {
            await blobs.DeleteAsync(blob, CancellationToken.None).ConfigureAwait(false);
        }
        catch (GranaryException fault)
        {
            logger.BlobNotDeleted(fault, blob, account.Name);
        }
    }
}
