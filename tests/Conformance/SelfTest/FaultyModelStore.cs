using System.Text;

namespace Granary.Tests.Conformance.SelfTest;

/// <summary>A store of models in memory that keeps every promise but one.</summary>
internal sealed partial class FaultyModelStore(FaultyModels shared, Fault fault) : IModelStore
{
    private readonly FaultyModels _data = fault == Fault.KeepsModelsInTheProcess ? new() : shared;

    public ValueTask InitializeAsync(CancellationToken cancellationToken)
    {
        CheckToken(cancellationToken);
        lock (_data.Lock)
        {
            if (fault == Fault.BeginsModelsAnewAtEachStart) _data.Clear();
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask CreateTableAsync(ModelTable table, CancellationToken cancellationToken)
    {
        CheckToken(cancellationToken);
        lock (_data.Lock)
        {
            if (_data.Views.ContainsKey(table.Name)) throw ModelFaults.NameOfView(table.Name);
            var there = _data.Tables.GetValueOrDefault(NameOf(table));
            if (there is null || fault == Fault.EmptiesATableThatIsThere) _data.Tables[NameOf(table)] = new(table);
            else if (fault != Fault.TakesOtherColumns && !IsSame(there.Table, table))
                throw ModelFaults.OtherColumns(table);
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask DropTableAsync(string table, CancellationToken cancellationToken)
    {
        CheckToken(cancellationToken);
        lock (_data.Lock)
        {
            if (fault == Fault.KeepsDroppedTables) return ValueTask.CompletedTask;
            _data.Tables.Remove(table);
            if (fault == Fault.KeepsViewsOfDroppedTables) return ValueTask.CompletedTask;
            foreach (var (view, _) in _data.Views.Where(one => one.Value == table).ToList()) _data.Views.Remove(view);
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask<IReadOnlyList<ModelRow>> ReadAsync(
        ModelTable table, IReadOnlyCollection<string> keys, CancellationToken cancellationToken)
    {
        CheckToken(cancellationToken);
        if (fault != Fault.ReadsAnyNumberOfKeys) ModelFaults.CheckKeys(keys);
        lock (_data.Lock)
        {
            var rows = Find(table).Rows;
            var read = fault == Fault.ReadsAKeyTwice ? keys : keys.Distinct();
            return ValueTask.FromResult<IReadOnlyList<ModelRow>>(
                [.. read.Select(KeyOf).Where(rows.ContainsKey).Select(key => rows[key].Row)]);
        }
    }

    public ValueTask<ModelCheckpoint?> ReadCheckpointAsync(
        string name, LogPartition partition, CancellationToken cancellationToken)
    {
        CheckToken(cancellationToken);
        lock (_data.Lock)
            return ValueTask.FromResult(_data.Checkpoints.GetValueOrDefault(ReaderOf(name, partition)));
    }

    public ValueTask<IReadOnlyList<ModelCheckpoint>> ReadCheckpointsAsync(CancellationToken cancellationToken)
    {
        CheckToken(cancellationToken);
        lock (_data.Lock)
            return ValueTask.FromResult<IReadOnlyList<ModelCheckpoint>>([.. _data.Checkpoints.Values]);
    }

    public ValueTask DeleteCheckpointsAsync(string name, CancellationToken cancellationToken)
    {
        CheckToken(cancellationToken);
        lock (_data.Lock)
        {
            var gone = _data.Checkpoints.Keys.Where(one => one.Name == ReaderOf(name, default).Name).ToList();
            foreach (var key in gone.Take(fault == Fault.DeletesAReaderInOnePartition ? 1 : gone.Count))
                _data.Checkpoints.Remove(key);
        }

        return ValueTask.CompletedTask;
    }

    private void CheckToken(CancellationToken cancellationToken)
    {
        if (fault != Fault.UsesModelsThoughCancelled) cancellationToken.ThrowIfCancellationRequested();
    }

    private FaultyTable Find(ModelTable table)
    {
        if (!_data.Tables.TryGetValue(NameOf(table), out var found)) throw ModelFaults.NoTable(table.Name);
        return IsSame(found.Table, table) ? found : throw ModelFaults.OtherColumns(table);
    }

    private bool IsSame(ModelTable one, ModelTable other) => fault == Fault.CutsNamesOfTables || one == other;

    private string NameOf(ModelTable table) => fault == Fault.CutsNamesOfTables
        ? table.Name[..Math.Min(table.Name.Length, ModelTable.NameLengthMax - 1)]
        : table.Name;

    private string KeyOf(string key) => fault switch
    {
        Fault.TakesModelsForOneAnother => key.ToUpperInvariant(),
        Fault.CutsKeysAtNul => key.Split('\0')[0],
        Fault.CutsLongKeys => key[..Math.Min(key.Length, GranaryLimits.ModelKeyLengthMax - 1)],
        _ => key,
    };

    private (string Name, LogPartition Partition) ReaderOf(string name, LogPartition partition) => fault switch
    {
        Fault.TakesReadersForOneAnother => (name.ToUpperInvariant(), partition),
        Fault.HasOneReaderForAllPartitions => (name, default),
        _ => (name, partition),
    };

    private ReadOnlyMemory<byte> Kept(ReadOnlyMemory<byte> document)
    {
        if (fault == Fault.KeepsTheBufferOfADocument) return document;
        if (fault == Fault.CutsLargeDocuments && document.Length == GranaryLimits.StateSizeMax) return "{}"u8.ToArray();
        var text = Encoding.UTF8.GetString(document.Span);
        if (fault == Fault.DropsNulsOfDocuments) text = text.Replace("\\u0000", "");
        return Encoding.UTF8.GetBytes(text);
    }
}
