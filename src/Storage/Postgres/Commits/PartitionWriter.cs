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
    // A plan is void where other processes have changed what it depends on meanwhile. That cannot go on for ever: what
    // expects a version is refused by the next plan, and what does not may follow what has come.
    private const int PlansMax = 16;

    // From then on one append at a time: nothing else makes its plan void.
    private const int WholePlansMax = 4;

    // What the server looks through itself while the partition is locked.
    private const int LagMax = 10_000;

    // Through a pooler. The number that it gives a connection may be that of somebody else's process.
    private const int NoProcess = 0;

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
            var planned = await _planner.PlanAsync(
                batch, first, plans < WholePlansMax ? int.MaxValue : 1, isFresh, cancellationToken)
                .ConfigureAwait(false);
            if (planned is not { } plan) continue;
            cancellationToken.ThrowIfCancellationRequested();
            var written = await RunAsync((connection, token) =>
                CallOf(plan, batch).ReadAsync(connection, Written.Read, token)).ConfigureAwait(false);
            written.ThrowIfStale(batch);
            if (!written.IsCurrent) continue;
            Publish(plan, batch, first, written);
            return plan.Count;
        }

        throw new StoreUnavailableException(
            $"{database.Name}: other processes have changed partition {index.Partition} {PlansMax} times while an "
            + $"append to stream {batch.Appends[first].Stream} was judged. Nothing of it was written. Try again.");
    }

    private PostgresCall CallOf(CommitPlan plan, AppendBatch batch) =>
        plan.ToCall(database, batch, LagMax);

    private void Publish(CommitPlan plan, AppendBatch batch, int first, Written written)
    {
        for (var at = 0; at < written.Followed.Length; at++)
            plan.Follow(written.Followed[at], written.FollowedVersions[at]);
        plan.Publish(batch, first, written.Last, written.Latest);
        foreach (var (name, number) in plan.Added(index.Partition, written.Last)) names.Add(name, number);
        _lags = written.Last != plan.Known;
        var events = plan.Written(index.Partition, written.Last);
        if (!_lags) index.Add(events);
        else if (events.Count > 0) index.GrowTo(written.Last + events.Count);
    }

    private async Task<Written> RunAsync(Func<NpgsqlConnection, CancellationToken, Task<List<Written>>> write)
    {
        var (known, process) = (index.Known, (int?)null);
        try
        {
            var rows = await database.UseAsync(
                (connection, token) =>
                {
                    process = database.IsDirect ? connection.ProcessID : NoProcess;
                    return write(connection, token);
                },
                CancellationToken.None).ConfigureAwait(false);
            if (rows.Count == 0) return default;
            if (rows[0].Last >= known) return rows[0];
            throw new StoreCorruptException(
                $"{database.Name}: partition {index.Partition} ends at position {rows[0].Last}, but position "
                + $"{known} was seen. The database was replaced by an older copy: stop all silos, and start them "
                + "again when it is the right one.");
        }
        catch (GranaryException fault) when (PostgresErrors.AnswerOf(fault) is { } answer
            && PostgresErrors.IsTaken(answer))
        {
            // Another process has added a stream of the same name.
            return default;
        }
        catch (StoreUnavailableException fault) when (process is not null
            && PostgresErrors.AnswerOf(fault) is null)
        {
            await EndAsync(process.Value).ConfigureAwait(false);
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

    private readonly record struct Written(
        long Last, DateTimeOffset Latest, bool IsCurrent, long Epoch, long[] Followed, long[] FollowedVersions)
    {
        public static Written Read(NpgsqlDataReader row) => new(
            row.GetInt64(0), row.IsDBNull(1) ? DateTimeOffset.MinValue : row.GetFieldValue<DateTimeOffset>(1),
            row.GetBoolean(2), row.GetInt64(3),
            row.IsDBNull(4) ? [] : row.GetFieldValue<long[]>(4), row.IsDBNull(5) ? [] : row.GetFieldValue<long[]>(5));

        public void ThrowIfStale(AppendBatch batch)
        {
            if (Epoch != 0 && Epoch != batch.Epoch)
                throw new StaleEpochException(batch.Partition, batch.Epoch, Epoch);
        }
    }
}
