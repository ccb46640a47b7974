namespace Granary.Storage.AzureStorage;

/// <summary>Commits models: judges them by what is stored, and attempts it until nothing comes in between.</summary>
internal sealed class ModelCommitter(
    AzureEventStore store, ModelRows rows, ModelTables tables, ModelCheckpoints checkpoints, ModelDecisions decisions)
{
    private readonly AzureAccount _account = store.Account;

    public async Task<ModelCommitOutcome> CommitAsync(ModelCommit commit, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (commit.Advance is { } advance)
            await checkpoints.ListAsync(advance.Move.Name, cancellationToken).ConfigureAwait(false);
        var written = new Dictionary<ModelWrite, string>();
        var budget = _account.StartBudget();
        for (var tries = 1; ; tries++)
        {
            var plan = await PlanAsync(
                commit, readsAll: tries > 1 || commit.Advance is null, recalls: tries == 1, cancellationToken)
                .ConfigureAwait(false);
            if (plan.Outcome is { } known)
            {
                // Where a try throws instead, what it has written may be in use: the sweep finds out.
                foreach (var blob in written.Values) await store.DeleteBlobAsync(blob).ConfigureAwait(false);
                return known;
            }

            if (await TryAsync(commit, plan, written).ConfigureAwait(false)) return ModelCommitOutcome.Committed;
            if (!await budget.WaitForTurnAsync(tries, store.Spread).ConfigureAwait(false))
                throw new StoreUnavailableException(
                    $"{_account.Name}: others wrote the same models {tries} times meanwhile. Try again.");
        }
    }

    private async Task<Plan> PlanAsync(
        ModelCommit commit, bool readsAll, bool recalls, CancellationToken cancellationToken)
    {
        ModelCheckpointRow? checkpoint = null;
        if (commit.Advance is { } advance)
        {
            checkpoint = await checkpoints.FindAsync(advance.Move.Name, advance.Move.Partition, cancellationToken)
                .ConfigureAwait(false);
            if (checkpoint.Checkpoint?.CommitId == commit.Id) return new(ModelCommitOutcome.Committed);
            if (!checkpoint.Allows(advance.Move)) return new(ModelCommitOutcome.Overtaken);
        }

        var shows = commit.View is { } asked ? [asked.Table] : Array.Empty<ModelTable>();
        ModelTable[] needed = [.. commit.Writes.Select(static one => one.Table).Concat(shows).Distinct()];
        var remembered = recalls ? tables.Recall(needed) : null;
        var partitions = remembered
            ?? await tables.FindRowsAsync(needed, cancellationToken).ConfigureAwait(false);
        (StoredModel, ModelContent)? view = commit.View is { } shown
            ? await tables.ShowAsync(shown, cancellationToken).ConfigureAwait(false) : null;
        var found = await FindAsync(commit, partitions, readsAll, cancellationToken).ConfigureAwait(false);
        if (commit.Advance is null && found.Length > 0
            && commit.Writes.Zip(found).All(one => IsDone(one.First, one.Second, commit.Id)))
            return await ByRowsAsync(ModelCommitOutcome.Committed).ConfigureAwait(false);
        if (commit.Writes.Zip(found).Any(static one => (one.Second.Now?.Revision ?? 0) != one.First.ExpectedRevision))
        {
            // Who has changed the rows may have moved the checkpoint with them since it was read.
            return checkpoint is null || await checkpoints.IsAsReadAsync(checkpoint, cancellationToken)
                .ConfigureAwait(false)
                ? await ByRowsAsync(ModelCommitOutcome.RowsChanged).ConfigureAwait(false)
                : await PlanAsync(commit, readsAll: true, recalls: false, cancellationToken).ConfigureAwait(false);
        }

        return new(null)
        {
            Partitions = partitions,
            Rows = found,
            View = view,
            Moved = checkpoint?.With(commit.Advance!, commit.Id),
        };

        // Rows that are not there may be those of a table that was dropped since it was looked for.
        async Task<Plan> ByRowsAsync(ModelCommitOutcome outcome) =>
            remembered is null || await tables.AreThereAsync(partitions).ConfigureAwait(false)
                ? new(outcome)
                : await PlanAsync(commit, readsAll: true, recalls: false, cancellationToken).ConfigureAwait(false);
    }

    // A row that must not be there is inserted without a look: where it is there, that fails, and all are read.
    private async Task<StoredModel[]> FindAsync(
        ModelCommit commit, IReadOnlyDictionary<ModelTable, string> partitions, bool readsAll,
        CancellationToken cancellationToken)
    {
        StoredModel[] found =
            [.. commit.Writes.Select(one => new StoredModel(partitions[one.Table], one.Key))];
        await AzureAccount.ForEachAsync(
            [.. Enumerable.Range(0, found.Length).Where(at => readsAll || commit.Writes[at].ExpectedRevision != 0)],
            async (at, token) => found[at] = await rows.FindFreeAsync(found[at].Partition, found[at].Key, token)
                .ConfigureAwait(false),
            cancellationToken).ConfigureAwait(false);
        return found;
    }

    // False where something has come in between: nothing has landed then.
    private async Task<bool> TryAsync(ModelCommit commit, Plan plan, Dictionary<ModelWrite, string> written)
    {
        if (plan.Rows.Count == 0 && plan.View is null)
            return plan.Moved is null
                || await checkpoints.TryMoveAsync(plan.Moved).ConfigureAwait(false);
        var changes = new List<(StoredModel, ModelContent?)>();
        foreach (var (write, row) in commit.Writes.Zip(plan.Rows))
            changes.Add((row, await ToContentAsync(write, row, commit.Id, written).ConfigureAwait(false)));
        if (plan.View is { } view) changes.Add(view);

        var decidedIn = plan.Moved is { } moved ? ModelKeys.ReaderOf(moved.Name) : ModelKeys.Commits;
        var attempt = new ModelAttempt(_account, decisions, decidedIn, store.Logger);
        if (!await attempt.TryLockAsync(changes, () => tables.AreThereAsync(plan.Partitions)).ConfigureAwait(false)
            || !await attempt.TryDecideAsync(plan.Moved).ConfigureAwait(false)) return false;

        // The blobs are in use as long as a row is locked: the sweep finds them then.
        if (!await attempt.TryFinishAsync().ConfigureAwait(false)) return true;
        foreach (var row in plan.Rows)
        {
            if (row.Now?.Blob is { } gone) await store.DeleteBlobAsync(gone).ConfigureAwait(false);
        }

        return true;
    }

    private async Task<ModelContent?> ToContentAsync(
        ModelWrite write, StoredModel row, long commitId, Dictionary<ModelWrite, string> written)
    {
        if (write.Document is not { } document) return null;
        var content = new ModelContent(commitId, write.Position, write.Values, document.Length)
        {
            DocumentSum = ModelContent.SumOf(document),
        };
        if (document.Length <= ModelContent.InlineMax) return content with { Document = document };
        if (!written.TryGetValue(write, out var blob))
        {
            blob = written[write] = ModelBlobs.NewName(row, _account.Time);
            await store.Blobs.WriteAsync(blob, document, CancellationToken.None).ConfigureAwait(false);
        }

        return content with { Blob = blob };
    }

    private static bool IsDone(ModelWrite write, StoredModel row, long commitId) =>
        write.Document is null ? row.Now is null : row.Now?.Revision == commitId;

    /// <summary>What a commit is judged to be; without an outcome, what it is attempted with.</summary>
    private sealed record Plan(ModelCommitOutcome? Outcome)
    {
        /// <summary>The tables that it needs, with the partitions of their rows.</summary>
        public IReadOnlyDictionary<ModelTable, string> Partitions { get; init; } =
            new Dictionary<ModelTable, string>();

        public IReadOnlyList<StoredModel> Rows { get; init; } = [];

        public (StoredModel Row, ModelContent Next)? View { get; init; }

        public ModelCheckpointRow? Moved { get; init; }
    }
}
