namespace Granary.Cli;

/// <summary>Reads a partition of the log once, and checks it as it goes.</summary>
/// <param name="store">The store.</param>
/// <param name="end">The position of the last event that is read.</param>
/// <param name="add">Receives what is found.</param>
internal sealed class LogPass(OpenedStore store, LogPosition end, Action<Finding> add)
{
    private const int PageEvents = 512;

    // After damage, so many events are read one by one.
    private const int StepsAfterDamage = 64;

    private readonly int _partition = end.Partition.Value;

    /// <summary>How many events could not be read.</summary>
    public long Unreadable { get; private set; }

    /// <summary>Reads the partition.</summary>
    /// <param name="table">What is found of the streams.</param>
    /// <param name="isFirst">Whether the log itself is checked as well; once is enough.</param>
    /// <param name="onEvents">Is called with the number of events that were read.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task RunAsync(
        StreamTable table, bool isFirst, Action<int> onEvents, CancellationToken cancellationToken)
    {
        var (after, steps, time) = (0L, 0, DateTimeOffset.MinValue);
        (long Position, string Fault)? damaged = null;
        while (after < end.Position.Value)
        {
            var limit = steps > 0 ? 1 : PageEvents;
            var (page, fault) = await TryReadAsync(after, limit, cancellationToken);
            if (page is null)
            {
                if (limit == 1)
                {
                    Unreadable++;
                    after++;
                    if (isFirst) Add(FindingKinds.Damaged, null, after, fault!);
                }
                else damaged ??= (after + 1, fault!);

                steps = StepsAfterDamage;
                continue;
            }

            steps = Math.Max(0, steps - 1);
            var expected = after + 1;
            foreach (var one in page.Events.TakeWhile(one => one.Position.Position <= end.Position))
            {
                if (isFirst) time = CheckPlace(one, expected, time);
                expected = one.Position.Position.Value + 1;
                CheckStream(one, table);
            }

            onEvents(page.Events.Count);
            var through = Math.Min(page.Through.Value, end.Position.Value);
            if (isFirst && expected <= through && page.Through.Value > after)
                Add(FindingKinds.Log, null, expected, $"The log goes on to {through}, and there is no event here.");
            if (page.Through.Value <= after)
            {
                Add(FindingKinds.Log, null, after + 1, $"The log ends here, and its end is {end.Position}.");
                return;
            }

            after = page.Through.Value;
        }

        // Who reads pages meets it, though each event can be read by itself.
        if (isFirst && Unreadable == 0 && damaged is var (position, message))
            Add(FindingKinds.Damaged, null, position, message);
    }

    private async ValueTask<(LogPage? Page, string? Fault)> TryReadAsync(
        long after, int limit, CancellationToken cancellationToken)
    {
        try
        {
            var position = new LogPosition(end.Partition, new(after));
            return (await store.Events.ReadLogAsync(position, LogFilter.All, limit, cancellationToken), null);
        }
        catch (StoreCorruptException fault)
        {
            return (null, fault.Message);
        }
    }

    private DateTimeOffset CheckPlace(RecordedEvent one, long expected, DateTimeOffset time)
    {
        var position = one.Position.Position.Value;
        if (position != expected)
            Add(FindingKinds.Log, one.Stream, position, $"The position before is {expected - 1}: there is a gap.");
        if (one.Timestamp < time)
            Add(FindingKinds.Log, one.Stream, position,
                $"It has the time {EventLine.Text(one.Timestamp)}, and the event before {EventLine.Text(time)}.");
        var partition = LogPartition.Of(one.Stream, store.Description.PartitionCount);
        if (partition.Value != _partition)
            Add(FindingKinds.Log, one.Stream, position, $"The stream belongs to partition {partition}.");
        return one.Timestamp > time ? one.Timestamp : time;
    }

    private void CheckStream(RecordedEvent one, StreamTable table)
    {
        var key = StreamTable.KeyOf(one.Stream);
        if (!table.Takes(key)) return;
        table.Shrink();
        if (!table.Takes(key)) return;
        ref var stream = ref table.Of(key);
        stream.Position = one.Position;
        if (one.Type == EventTypes.StreamCleared) CheckClearing(one, ref stream);
        else CheckVersion(one, ref stream);
    }

    private void CheckClearing(RecordedEvent marker, ref StreamInLog stream)
    {
        var position = marker.Position.Position.Value;
        if (marker.Version != StreamVersion.Zero)
            Add(FindingKinds.Version, marker.Stream, position, $"A clearing has version {marker.Version} and not 0.");
        if (stream.Version == 0 && Unreadable == 0)
            Add(FindingKinds.Version, marker.Stream, position, "A stream without events is cleared here.");
        if (stream.First > 0)
            Add(FindingKinds.Version, marker.Stream, stream.FirstPosition,
                $"Version {stream.First} can be read, though the stream was cleared at {marker.Position}.");
        stream = new() { Position = marker.Position };
    }

    private void CheckVersion(RecordedEvent one, ref StreamInLog stream)
    {
        var (version, position) = (one.Version.Value, one.Position.Position.Value);

        // What cannot be read is a finding of its own; the versions after it are not.
        if (version != stream.Version + 1 && !(version > stream.Version && Unreadable > 0))
            Add(FindingKinds.Version, one.Stream, position,
                $"It has version {version}, and the event before has {stream.Version}.");
        stream.Version = version;
        if (one.Type != EventTypes.Tombstone) stream.Add(one);
        else if (stream.First > 0) stream.IsMixed = true;
    }

    private void Add(string kind, StreamName? stream, long position, string message) =>
        add(new(kind, message) { Stream = stream, Position = new(end.Partition, new(position)) });
}
