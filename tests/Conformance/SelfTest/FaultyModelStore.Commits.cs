namespace Granary.Tests.Conformance.SelfTest;

internal sealed partial class FaultyModelStore
{
    public async ValueTask<ModelCommitOutcome> CommitAsync(ModelCommit commit, CancellationToken cancellationToken)
    {
        if (fault != Fault.CommitsModelsThoughCancelled) cancellationToken.ThrowIfCancellationRequested();
        if (fault != Fault.ChecksBeforeItCommits)
        {
            lock (_data.Lock)
            {
                if (Check(commit) is { } outcome) return outcome;
                Apply(commit);
            }

            return ModelCommitOutcome.Committed;
        }

        ModelCommitOutcome? early;
        lock (_data.Lock) early = Check(commit);
        await Task.Yield();
        if (early is not null) return early.Value;
        lock (_data.Lock) Apply(commit);
        return ModelCommitOutcome.Committed;
    }

    /// <summary>The answer; null where the commit is to be applied.</summary>
    private ModelCommitOutcome? Check(ModelCommit commit)
    {
        CheckNames(commit);
        if (commit.Advance?.Move is { } move)
        {
            var there = _data.Checkpoints.GetValueOrDefault(ReaderOf(move.Name, move.Partition));
            var landed = fault == Fault.TakesTheSameMoveForARetry
                ? there is not null && move.IsDoneAt(there.Position, there.Epoch)
                : there?.CommitId == commit.Id;
            if (landed && fault == Fault.AppliesACommitAgain) return null;
            if (landed && fault != Fault.RefusesACommitThatLanded) return ModelCommitOutcome.Committed;
            var position = fault == Fault.CommitsFromAnywhere ? move.From : there?.Position ?? GlobalPosition.Zero;
            var epoch = fault == Fault.ForgetsTheEpochOfModels ? 0 : there?.Epoch ?? 0;
            if (fault == Fault.LooksAtRowsBeforeTheCheckpoint && !commit.Writes.All(IsAllowed))
                return ModelCommitOutcome.RowsChanged;
            if (!move.IsAllowedAt(position, epoch)) return Overtaken(commit);
        }
        else if (commit.Writes.Count > 0 && fault != Fault.RefusesACommitThatLanded
            && commit.Writes.All(one => IsDone(one, commit.Id)))
        {
            return ModelCommitOutcome.Committed;
        }

        var allowed = commit.Writes.TakeWhile(IsAllowed).Count();
        if (allowed == commit.Writes.Count || fault == Fault.ForgetsRevisions) return null;
        if (fault == Fault.LandsHalfOfACommit)
            foreach (var one in commit.Writes.Take(allowed)) Apply(one, commit.Id);
        return ModelCommitOutcome.RowsChanged;
    }

    private void CheckNames(ModelCommit commit)
    {
        if (commit.View is { } view)
        {
            if (_data.Tables.ContainsKey(view.Name) && fault != Fault.LetsViewsHaveNamesOfTables)
                throw ModelFaults.NameOfTable(view.Name);
            Find(view.Table);
        }

        foreach (var one in commit.Writes)
        {
            Find(one.Table);
            if (fault == Fault.LandsBesideATableThatIsNotThere && commit.Writes.Count > 1) Apply(one, commit.Id);
        }
    }

    private ModelCommitOutcome Overtaken(ModelCommit commit)
    {
        if (fault == Fault.WritesRowsThoughOvertaken)
            foreach (var one in commit.Writes) Apply(one, commit.Id);
        if (fault == Fault.ShowsThoughOvertaken && commit.View is { } view) _data.Views[view.Name] = view.Table.Name;
        return ModelCommitOutcome.Overtaken;
    }

    private void Apply(ModelCommit commit)
    {
        if (fault == Fault.LosesWhatNeedNotSurvive && !commit.Durable) return;
        const int cut = ModelCommit.WritesMax - 1;
        if (fault != Fault.MovesWithoutRows)
            foreach (var one in commit.Writes.Take(fault == Fault.CutsLargeCommits ? cut : int.MaxValue))
                Apply(one, commit.Id);
        if (commit.Advance is { } advance && fault != Fault.WritesWithoutMoving)
            _data.Checkpoints[ReaderOf(advance.Move.Name, advance.Move.Partition)] = new(
                advance.Move.Name, advance.Move.Partition, advance.Move.To, advance.Move.Epoch,
                fault == Fault.ForgetsTheStoreOfACheckpoint ? default : advance.StoreId, advance.EventId, commit.Id);
        if (commit.View is { } view && fault != Fault.ForgetsViews) _data.Views[view.Name] = view.Table.Name;
    }

    private void Apply(ModelWrite write, long commitId)
    {
        var (rows, key) = (Find(write.Table).Rows, KeyOf(write.Key));
        if (write.Document is not { } document)
        {
            if (fault != Fault.KeepsDeletedRows) rows.Remove(key);
            return;
        }

        var there = rows.TryGetValue(key, out var found);
        var kept = there && fault == Fault.KeepsOldDocuments ? found.Row.Document : Kept(document);
        var values = there && fault == Fault.KeepsOldColumns ? found.Values : write.Values;
        rows[key] = (new ModelRow(write.Key, kept, write.Position, commitId), values);
    }

    private long RevisionOf(ModelWrite write) =>
        Find(write.Table).Rows.TryGetValue(KeyOf(write.Key), out var found) ? found.Row.Revision : 0;

    private bool IsAllowed(ModelWrite write) => RevisionOf(write) == write.ExpectedRevision;

    private bool IsDone(ModelWrite write, long commitId) =>
        RevisionOf(write) == (write.Document is null ? 0 : commitId);
}
