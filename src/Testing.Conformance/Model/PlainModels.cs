namespace Granary.Testing.Conformance.Model;

/// <summary>What a model store has to answer, in the plainest words: a list of rows and one of checkpoints.</summary>
internal sealed class PlainModels
{
    public SortedDictionary<string, (ModelRow Row, long? Amount)> Rows { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, ModelCheckpoint> Checkpoints { get; } = [];

    public (long Position, long Epoch) At(string reader) =>
        Checkpoints.TryGetValue(reader, out var there) ? (there.Position.Value, there.Epoch) : (0, 0);

    public long RevisionOf(string key) => Rows.TryGetValue(key, out var found) ? found.Row.Revision : 0;

    public ModelCommitOutcome Commit(ModelCommit commit)
    {
        if (commit.Advance is { } advance)
        {
            var (position, epoch) = At(advance.Move.Name);
            if (Checkpoints.GetValueOrDefault(advance.Move.Name)?.CommitId == commit.Id)
                return ModelCommitOutcome.Committed;
            if (advance.Move.From.Value != position || advance.Move.Epoch < epoch) return ModelCommitOutcome.Overtaken;
        }
        else if (commit.Writes.All(one => RevisionOf(one.Key) == (one.Document is null ? 0 : commit.Id)))
        {
            return ModelCommitOutcome.Committed;
        }

        if (commit.Writes.Any(one => RevisionOf(one.Key) != one.ExpectedRevision))
            return ModelCommitOutcome.RowsChanged;
        foreach (var one in commit.Writes) Apply(one, commit.Id);
        if (commit.Advance is { Move: var move } made)
            Checkpoints[move.Name] = new(
                move.Name, move.Partition, move.To, move.Epoch, made.StoreId, made.EventId, commit.Id);
        return ModelCommitOutcome.Committed;
    }

    /// <summary>The keys that a query finds.</summary>
    public IEnumerable<string> Find(bool byAmount, bool descending, long? atLeast)
    {
        var found = Rows.Values.Where(one => atLeast is null || one.Amount >= atLeast);
        var ordered = byAmount ? found.OrderBy(static one => one.Amount ?? long.MinValue) : found;
        var keys = ordered.Select(static one => one.Row.Key);
        return descending ? keys.Reverse() : keys;
    }

    private void Apply(ModelWrite write, long revision)
    {
        if (write.Document is { } document)
            Rows[write.Key] = (new(write.Key, document, write.Position, revision), (long?)write.Values[0]);
        else Rows.Remove(write.Key);
    }
}
