namespace Granary.Tests.Conformance.SelfTest;

/// <summary>What callers write is in a database in memory, beside the rows.</summary>
internal sealed partial class FaultyModelStore : ISqlModelStore
{
    public async ValueTask<ModelCommitOutcome> CommitAsync(
        ModelCommit commit, SqlModelWrite write, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ModelCommitOutcome? early = null;
        if (fault == Fault.ChecksBeforeItCommits)
        {
            early = CheckLocked(commit) ?? ModelCommitOutcome.Committed;
            await shared.CheckedAsync(cancellationToken);
        }

        await shared.WritingSql.WaitAsync(cancellationToken);
        try
        {
            var refused = early is null ? CheckLocked(commit)
                : early == ModelCommitOutcome.Committed ? null : early;
            var isCalled = refused is null
                || (fault == Fault.CallsTheWriteThoughRefused && refused != ModelCommitOutcome.Committed)
                || (fault == Fault.CallsTheWriteAgain && refused == ModelCommitOutcome.Committed);
            if (!isCalled) return refused!.Value;
            await WriteAsync(commit, write, fault == Fault.CancelsNoWrite ? CancellationToken.None : cancellationToken);
            return refused ?? ModelCommitOutcome.Committed;
        }
        finally
        {
            shared.WritingSql.Release();
        }
    }

    private async Task WriteAsync(ModelCommit commit, SqlModelWrite write, CancellationToken cancellationToken)
    {
        if (fault == Fault.ShowsRowsBeforeTheWrite) ApplyLocked(commit);
        await using var own = fault == Fault.KeepsTheSession ? null : shared.Connect();
        var connection = own ?? shared.Kept;
        await using var transaction = connection.BeginTransaction();
        try
        {
            await write(connection, transaction, cancellationToken);
        }
        catch (Exception thrown) when (fault is Fault.LandsThoughTheWriteThrows or Fault.WrapsWhatTheWriteThrows)
        {
            if (fault == Fault.WrapsWhatTheWriteThrows)
                throw new StoreUnavailableException("The write has failed.", thrown);
            await transaction.CommitAsync(CancellationToken.None);
            throw;
        }

        try
        {
            if (fault != Fault.LosesTheWrite) await transaction.CommitAsync(CancellationToken.None);
        }
        catch (Exception refused) when (fault == Fault.WrapsWhatTheCommitRefuses)
        {
            throw new StoreUnavailableException("The commit has failed.", refused);
        }

        ApplyLocked(commit);
    }

    private ModelCommitOutcome? CheckLocked(ModelCommit commit)
    {
        lock (_data.Lock) return Check(commit);
    }

    private void ApplyLocked(ModelCommit commit)
    {
        lock (_data.Lock) Apply(commit);
    }
}
