using Microsoft.Extensions.Logging;
using Npgsql;

namespace Granary.Storage.Postgres;

/// <summary>
/// Commits batches to a partition, one after the other in this process. Other processes may write the same partition:
/// a plan that does not hold any more is made anew.
/// </summary>
internal sealed class PartitionWriter(
    PartitionIndex index, PostgresDatabase database, StoredNames names, ILogger logger) : IAsyncDisposable
{
    // Each is void because other processes have appended to the same streams meanwhile.
    private const int PlansMax = 32;

    // What the server looks through itself while the partition is locked.
    private const int LagMax = 10_000;

    private readonly CommitPlanner _planner = new(index, database, names);
    private readonly SemaphoreSlim _gate = new(1, 1);
    private bool _lags;
    private volatile bool _disposed;

    public async Task CommitAsync(AppendBatch batch, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            ObjectDisposedException.ThrowIf(_disposed, typeof(PostgresEventStore));
            for (var first = 0; first < batch.Appends.Count;)
            {
                first += await CommitPartAsync(batch, first, cancellationToken).ConfigureAwait(false);

                // What has begun is not given up in the middle.
                cancellationToken = CancellationToken.None;
            }
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Ends when the commit that runs has; those that wait find the store closed.</summary>
    public async ValueTask DisposeAsync()
    {
        _disposed = true;
        await _gate.WaitAsync().ConfigureAwait(false);
        _gate.Release();
    }

    private async Task<int> CommitPartAsync(AppendBatch batch, int first, CancellationToken cancellationToken)
    {
        for (var (plans, isFresh) = (0, false); plans < PlansMax; plans++)
        {
            if (_lags)
            {
                await index.CatchUpAsync(cancellationToken).ConfigureAwait(false);
                isFresh = true;
            }

            _lags = true;
            var planned = await _planner.PlanAsync(batch, first, isFresh, cancellationToken).ConfigureAwait(false);
            if (planned is not { } plan) continue;
            cancellationToken.ThrowIfCancellationRequested();
            var written = await WriteAsync(plan, batch).ConfigureAwait(false);
            if (!written.IsCurrent) continue;
            plan.Publish(batch, first, written.Last, written.Recorded);
            foreach (var (name, number) in plan.Added(index.Partition, written.Last)) names.Add(name, number);
            _lags = written.Last != plan.Known;
            if (!_lags) index.Add(plan.Written(index.Partition, written.Last));
            return plan.Count;
        }

        throw new StoreUnavailableException(
            $"{database.Name}: other processes append to the same streams all the time, so that {PlansMax} attempts "
            + "were in vain. Nothing of these appends was written. Try again.");
    }

    private async Task<Written> WriteAsync(CommitPlan plan, AppendBatch batch)
    {
        var call = plan.ToCall(database, index.Partition, batch.Timestamp, LagMax);
        var process = 0;
        try
        {
            var rows = await database.UseAsync(
                (connection, token) =>
                {
                    process = connection.ProcessID;
                    return call.ReadAsync(connection, Written.Read, token);
                },
                CancellationToken.None).ConfigureAwait(false);
            var written = rows[0];
            if (written.Last >= plan.Known) return written;
            throw new StoreCorruptException(
                $"{database.Name}: partition {index.Partition} ends at position {written.Last}, but position "
                + $"{plan.Known} was seen. The database was replaced by an older copy: stop all silos, and start them "
                + "again when it is the right one.");
        }
        catch (GranaryException fault) when (fault.InnerException is PostgresException taken
            && PostgresErrors.IsTaken(taken))
        {
            // Another process has added a stream of the same name.
            return default;
        }
        catch (StoreUnavailableException fault) when (process != 0 && fault.InnerException is not PostgresException)
        {
            await EndAsync(process).ConfigureAwait(false);
            throw;
        }
    }

    // The connection is lost, not the server's process: what it still does must not land after this.
    private async Task EndAsync(int process)
    {
        try
        {
            var ended = await database.Call("end_commit")
                .With(process).With(index.Partition.Value).With(database.Options.LockTimeoutMs)
                .ReadAsync(static row => row.GetBoolean(0), CancellationToken.None).ConfigureAwait(false);
            if (!ended[0]) logger.CommitNotEnded(database.Name, process, "it does not end.");
        }
        catch (GranaryException fault)
        {
            logger.CommitNotEnded(database.Name, process, fault.Message);
        }
    }

    private readonly record struct Written(long Last, DateTimeOffset Recorded, bool IsCurrent)
    {
        public static Written Read(NpgsqlDataReader row) =>
            new(row.GetInt64(0), row.GetFieldValue<DateTimeOffset>(1), row.GetBoolean(2));
    }
}
