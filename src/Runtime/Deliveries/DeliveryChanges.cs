namespace Granary.Runtime;

/// <summary>What a worker is about to store of its deliveries, in one commit with the checkpoint.</summary>
internal sealed class DeliveryChanges
{
    private readonly HashSet<DeliveryEntry> _changed = [];
    private readonly Dictionary<string, ModelRow> _deleted = [];
    private readonly Dictionary<string, ModelWrite> _parked = [];
    private readonly HashSet<StreamName> _unparked = [];
    private readonly List<(DeliveryEntry Entry, ModelWrite Put)> _puts = [];

    public bool IsEmpty => _changed.Count == 0 && _deleted.Count == 0 && !OfParked;

    /// <summary>Whether rows of parked streams are among them.</summary>
    public bool OfParked => _parked.Count > 0;

    /// <summary>The entry has changed.</summary>
    public void Mark(DeliveryEntry entry)
    {
        if (entry.Row is null && _deleted.Remove(entry.Key, out var before)) entry.Adopt(before);
        _changed.Add(entry);
    }

    /// <summary>The entry is over: its row is deleted.</summary>
    public void Remove(DeliveryEntry entry)
    {
        _changed.Remove(entry);
        if (entry.Row is { } row) Delete(row);
    }

    /// <summary>Deletes a row of an event that there is no more.</summary>
    public void Delete(ModelRow row) => _deleted[row.Key] = row;

    /// <summary>Writes the row of a parked stream.</summary>
    public void Park(ParkedDocument document, ModelRow? row)
    {
        var put = ParkedRow.Put(document, row);
        _parked[put.Key] = put;
    }

    /// <summary>Deletes the row of a stream that is parked no more.</summary>
    public void Unpark(ParkedRow parked)
    {
        _parked[parked.Row.Key] = ModelWrite.Delete(ReaderTables.Parked, parked.Row);
        _unparked.Add(parked.Stream);
    }

    /// <summary>The streams whose rows are about to be deleted.</summary>
    public IReadOnlyCollection<StreamName> Unparked => _unparked;

    /// <summary>The writes.</summary>
    public IReadOnlyList<ModelWrite> Build()
    {
        _puts.Clear();
        _puts.AddRange(_changed.Select(static one => (one, one.ToPut())));
        var deletes = _deleted.Values.Select(static row => ModelWrite.Delete(DeliveryTables.Deliveries, row));
        return [.. _puts.Select(static one => one.Put), .. deletes, .. _parked.Values];
    }

    /// <summary>What was built is stored.</summary>
    public void OnCommitted(long revision)
    {
        foreach (var (entry, put) in _puts) entry.OnStored(put, revision);
        _puts.Clear();
        _changed.Clear();
        _deleted.Clear();
        _parked.Clear();
        _unparked.Clear();
    }
}
