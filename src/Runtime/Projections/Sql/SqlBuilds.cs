using Microsoft.Extensions.Logging;

namespace Granary.Runtime;

/// <summary>Begins the builds of SQL projections: each build's tables are reset once, in one transaction.</summary>
internal sealed class SqlBuilds(ISqlModelStore models, int partitionCount, TimeProvider time, ILogger logger)
{
    private const int TriesMax = 20;
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(5);

    private readonly SqlBuildsTable _table = new(models);

    private volatile bool _hasTable;

    /// <summary>
    /// The build that a projection's code is to fill: the one that there is, or a new one of the code's version. Null
    /// where there is one of a later version: the code is old.
    /// </summary>
    public async ValueTask<SqlBuild?> FindAsync(
        RegisteredSqlProjection projection, CancellationToken cancellationToken) =>
        Newest(projection, await ReadAsync(projection, cancellationToken));

    /// <summary>The reader that fills a build.</summary>
    public WorkerDefinition Define(RegisteredSqlProjection projection, SqlBuild build) => new()
    {
        Name = build.NameOf(projection.Name),
        Kind = ReaderKind.Projection,
        Filter = projection.Filter,
        PrepareAsync = (partition, token) => PrepareAsync(projection, build, partition, token),
        TakenOverAsync = token => DropOldAsync(projection.Name, build, token),
        CreateHandler = partition => new SqlProjectionHandler(projection, build, partition, models),
    };

    /// <summary>Sees to it that the tables were reset for a build, once among all who call it.</summary>
    /// <exception cref="WorkerOvertakenException">There is a later build meanwhile.</exception>
    /// <exception cref="StoreUnavailableException">Others change the builds all the time.</exception>
    public async ValueTask PrepareAsync(
        RegisteredSqlProjection projection, SqlBuild build, LogPartition partition, CancellationToken cancellationToken)
    {
        for (var tries = 1; tries <= TriesMax; tries++)
        {
            var rows = await ReadAsync(projection, cancellationToken);
            if (!build.IsSameAs(Newest(projection, rows)))
                throw new WorkerOvertakenException(build.NameOf(projection.Name), partition);
            if (rows.All(row => build.IsSameAs(row.Build) && row.Build!.IsReady)) return;
            if (await FenceAsync(projection.Name, build, rows, cancellationToken))
                await ResetAsync(projection, build, cancellationToken);
            else
                await Task.Delay(RetryDelay * tries, time, cancellationToken);
        }

        throw new StoreUnavailableException(
            $"The builds of the SQL projection '{projection.Name}' were changed by others {TriesMax} times meanwhile.");
    }

    /// <summary>Begins a new build of a projection's code: from then on the one before it writes no more.</summary>
    /// <exception cref="StoreUnavailableException">Others change the builds all the time.</exception>
    public async ValueTask<SqlBuild?> RebuildAsync(
        RegisteredSqlProjection projection, CancellationToken cancellationToken)
    {
        for (var tries = 1; tries <= TriesMax; tries++)
        {
            var rows = await ReadAsync(projection, cancellationToken);
            if (Newest(projection, rows) is not { } now) return null;
            if (!rows.All(row => now.IsSameAs(row.Build) && row.Build!.IsReady)) return now;
            var next = new SqlBuild(now.Version, now.Number + 1, false, time.GetUtcNow());
            if (await FenceAsync(projection.Name, next, rows, cancellationToken)) return next;
            await Task.Delay(RetryDelay * tries, time, cancellationToken);
        }

        throw new StoreUnavailableException(
            $"The builds of the SQL projection '{projection.Name}' were changed by others {TriesMax} times meanwhile.");
    }

    private SqlBuild? Newest(RegisteredSqlProjection projection, IReadOnlyList<SqlBuildRow> rows)
    {
        var newest = new SqlBuild(projection.Version, 1, false, time.GetUtcNow());
        foreach (var row in rows)
        {
            if (row.Build is { } there && !newest.IsAfter(there)) newest = there;
        }

        return newest.Version > projection.Version ? null : newest;
    }

    private async ValueTask<IReadOnlyList<SqlBuildRow>> ReadAsync(
        RegisteredSqlProjection projection, CancellationToken cancellationToken)
    {
        if (!_hasTable) await models.CreateTableAsync(SqlBuildsTable.Table, cancellationToken);
        _hasTable = true;
        return await _table.ReadAllAsync(projection.Name, partitionCount, cancellationToken);
    }

    // One partition after the other: its worker may change the row with each of its commits, and would always come
    // before a commit that needs all rows as they were read. Once a row is changed that worker commits no more.
    private async ValueTask<bool> FenceAsync(
        string projection, SqlBuild build, IReadOnlyList<SqlBuildRow> rows, CancellationToken cancellationToken)
    {
        var all = true;
        foreach (var row in rows.Where(row => build.IsAfter(row.Build)))
        {
            var before = row.Build is { IsReady: true } ready ? ready with { Before = null } : row.Build?.Before;
            var write = SqlBuildsTable.Put(projection, row, build with { IsReady = false, Before = before });
            var commit = new ModelCommit(write) { Durable = true };
            all &= await models.CommitAsync(commit, cancellationToken) == ModelCommitOutcome.Committed;
        }

        return all;
    }

    private async ValueTask ResetAsync(
        RegisteredSqlProjection projection, SqlBuild build, CancellationToken cancellationToken)
    {
        var rows = await ReadAsync(projection, cancellationToken);
        if (!rows.All(row => build.IsSameAs(row.Build) && !row.Build!.IsReady)) return;
        var ready = build with { IsReady = true, Before = null };
        var commit = new ModelCommit([.. rows.Select(row => SqlBuildsTable.Put(projection.Name, row, ready))])
        {
            Durable = true,
        };
        try
        {
            if (await models.CommitAsync(commit, projection.Projection.ResetAsync, cancellationToken)
                == ModelCommitOutcome.Committed) SqlProjectionsLog.Reset(logger, build.NameOf(projection.Name));
        }
        catch (Exception fault) when (SqlFaults.MayPass(fault))
        {
            throw new StoreUnavailableException(
                $"The tables of the SQL projection '{projection.Name}' could not be reset now: {fault.Message}", fault);
        }
        catch (Exception fault) when (!BatchRunner.EndsSession(fault, cancellationToken))
        {
            await GiveBackAsync(projection.Name, build, rows, cancellationToken);
            throw;
        }
    }

    // The code of the version before goes on where there still is some, as when this one is taken back. Where the rows
    // were changed meanwhile, another silo has reset the tables, or begins to.
    private async ValueTask GiveBackAsync(
        string projection, SqlBuild build, IReadOnlyList<SqlBuildRow> rows, CancellationToken cancellationToken)
    {
        foreach (var row in rows)
        {
            if (row.Build?.Before is not { } before || before.Version == build.Version) continue;
            var commit = new ModelCommit(SqlBuildsTable.Put(projection, row, before)) { Durable = true };
            await models.CommitAsync(commit, cancellationToken);
        }
    }

    // The checkpoints of earlier builds would hold back what may be removed of the log. They do until the build has one
    // of its own: from then on that holds back all partitions.
    private async ValueTask DropOldAsync(string projection, SqlBuild build, CancellationToken cancellationToken)
    {
        var names = (await models.ReadCheckpointsAsync(cancellationToken)).Select(static one => one.Name).Distinct();
        foreach (var name in names)
        {
            if (SqlBuild.Parse(projection, name) is not { } old || !build.IsAfter(old)) continue;
            await models.DeleteCheckpointsAsync(name, cancellationToken);
            await new ReaderRows(models).DeleteAsync(name, cancellationToken);
        }
    }
}
