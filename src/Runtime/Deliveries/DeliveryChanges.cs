namespace Granary.Runtime;

/// <summary>What a worker is about to store of its deliveries, in one commit with the checkpoint.</summary>
internal sealed class DeliveryChanges
{
    private readonly HashSet<DeliveryEntry> _changed = [];
    private readonly Dictionary<string, ModelWrite> _others = [];
    private readonly List<(DeliveryEntry Entry, ModelWrite Put)> _puts = [];

    public bool IsEmpty => _changed.Count == 0 && _others.Count == 0;

    /// <summary>Whether rows of parked streams are among them.</summary>
    public bool OfParked { get; private set; }

    /// <summary>The entry has changed.</summary>
    public void Mark(DeliveryEntry entry) => _changed.Add(entry);

    /// <summary>The entry is over: its row is deleted.</summary>
    public void Remove(DeliveryEntry entry)
    {
        _changed.Remove(entry);
        if (entry.Row is { } row) Delete(row);
    }

    /// <summary>Deletes a row of an event that there is no more.</summary>
    public void Delete(ModelRow row) => _others[row.Key] = ModelWrite.Delete(DeliveryTables.Deliveries, row);

    /// <summary>Writes the row of a parked stream.</summary>
    public void Park(ParkedDocument document, ModelRow? row) => AddParked(ParkedRow.Put(document, row));

    /// <summary>Deletes the row of a stream that is parked no more.</summary>
    public void Unpark(ParkedRow parked) => AddParked(ModelWrite.Delete(ReaderTables.Parked, parked.Row));

    /// <summary>The writes.</summary>
    public IReadOnlyList<ModelWrite> Build()
    {
        _puts.Clear();
        _puts.AddRange(_changed.Select(static one => (one, one.ToPut())));
        return [.. _puts.Select(static one => one.Put), .. _others.Values];
    }

    /// <summary>What was built is stored.</summary>
    public void OnCommitted(long revision)
    {
        foreach (var (entry, put) in _puts) entry.OnStored(put, revision);
        _puts.Clear();
        _changed.Clear();
        _others.Clear();
        OfParked = false;
    }

    private void AddParked(ModelWrite write)
    {
        _others[write.Key] = write;
        OfParked = true;
    }
}
