using Npgsql;

namespace Granary.Storage.Postgres;

/// <summary>The statements of one commit of models, which are sent together.</summary>
internal sealed class ModelCommitPlan
{
    private readonly ModelCommit _commit;
    private readonly ModelStatements _statements;
    private readonly int _waitMs;
    private readonly List<(ModelTable Table, List<ModelWrite> Writes)> _tables;
    private readonly Dictionary<ModelWrite, byte[]> _documents = new(ReferenceEqualityComparer.Instance);

    /// <summary>Plans a commit.</summary>
    /// <exception cref="ArgumentException">A document is no JSON.</exception>
    public ModelCommitPlan(ModelCommit commit, ModelStatements statements, int waitMs)
    {
        (_commit, _statements, _waitMs) = (commit, statements, waitMs);

        // Rows are locked in one order by all commits, so that no two wait for each other.
        _tables = [.. commit.Writes.GroupBy(static one => one.Table)
            .OrderBy(static of => of.Key.Name, StringComparer.Ordinal)
            .Select(static of => (of.Key, of.OrderBy(static one => one.Key, Comparer<string>.Create(Utf8Order.Compare))
                .ToList()))];
        foreach (var one in commit.Writes)
        {
            if (one.Document is { } document) _documents.Add(one, StoredDocument.Encode(document));
        }
    }

    /// <summary>The tables that the commit is about.</summary>
    public IEnumerable<ModelTable> Tables =>
        _tables.Select(static one => one.Table).Concat(_commit.View is { } view ? [view.Table] : []);

    /// <summary>The changes. Without a transaction they are one of their own.</summary>
    public NpgsqlBatch ToBatch(NpgsqlConnection connection, NpgsqlTransaction? transaction)
    {
        var batch = new NpgsqlBatch(connection, transaction);
        foreach (var one in Statements()) batch.BatchCommands.Add(one);
        return batch;
    }

    /// <summary>
    /// Whether an earlier call has landed and its rows are as it left them: an answer for each table.
    /// </summary>
    public NpgsqlBatch ToCheck(NpgsqlConnection connection)
    {
        var batch = new NpgsqlBatch(connection);
        foreach (var (table, writes) in _tables)
            batch.BatchCommands.Add(_statements.HasLanded(table, writes, _commit.Id));
        return batch;
    }

    private IEnumerable<NpgsqlBatchCommand> Statements()
    {
        yield return _statements.Call(
            "begin_models", ModelStatements.Long(_commit.Id),
            new NpgsqlParameter<bool> { TypedValue = _commit.Durable }, ModelStatements.Int(_waitMs),
            new NpgsqlParameter<bool> { TypedValue = _commit.View is not null });
        if (_commit.Advance is { } advance) yield return Advance(advance);
        foreach (var (table, writes) in _tables)
        {
            yield return _statements.Use(table);
            var there = writes.Where(static one => one.ExpectedRevision != 0).Select(static one => one.Key).ToList();
            if (there.Count > 0) yield return _statements.Lock(table, there);
            var puts = writes.Where(static one => one.Document is not null).ToList();
            if (puts.Count > 0)
                yield return _statements.Put(table, puts, [.. puts.Select(one => _documents[one])], _commit.Id);
            var deletions = writes.Where(static one => one.Document is null).ToList();
            if (deletions.Count > 0) yield return _statements.Delete(table, deletions);
        }

        if (_commit.View is { } view)
        {
            yield return _statements.Call(
                "show_model_table", ModelStatements.Text(view.Name), ModelStatements.Text(view.Table.Name),
                ModelStatements.Text(ModelColumnTypes.Describe(view.Table)));
        }
    }

    private NpgsqlBatchCommand Advance(ModelAdvance advance) => _statements.Call(
        "advance_models", new NpgsqlParameter<byte[]> { TypedValue = Names.Bytes(advance.Move.Name) },
        ModelStatements.Int(advance.Move.Partition.Value), ModelStatements.Long(advance.Move.From.Value),
        ModelStatements.Long(advance.Move.To.Value), ModelStatements.Long(advance.Move.Epoch),
        new NpgsqlParameter<Guid> { TypedValue = advance.StoreId },
        new NpgsqlParameter<Guid> { TypedValue = advance.EventId }, ModelStatements.Long(_commit.Id));
}
