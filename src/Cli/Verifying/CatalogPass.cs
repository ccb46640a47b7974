namespace Granary.Cli;

/// <summary>Reads each stream on its own, and compares it with what the log has of it.</summary>
/// <param name="store">The store.</param>
/// <param name="ends">Up to which positions the log was read.</param>
/// <param name="unreadable">How many events of each partition could not be read.</param>
/// <param name="add">Receives what is found.</param>
internal sealed class CatalogPass(
    OpenedStore store, IReadOnlyList<long> ends, IReadOnlyList<long> unreadable, Action<Finding> add)
{
    private readonly JsonStreams _fold = new();

    /// <summary>How many streams were read.</summary>
    public long Streams { get; private set; }

    /// <summary>How many streams changed meanwhile, in what the log had of them.</summary>
    public long Changed { get; private set; }

    /// <summary>How many snapshots were folded anew.</summary>
    public long Folded { get; private set; }

    /// <summary>How many snapshots were not folded anew, in each category.</summary>
    public SortedDictionary<string, long> NotFolded { get; } = new(StringComparer.Ordinal);

    /// <summary>Reads the streams of a table, which it empties.</summary>
    public async Task RunAsync(StreamTable table, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var stream in store.NamesAsync(null, cancellationToken))
            {
                var key = StreamTable.KeyOf(stream);
                if (table.Takes(key)) await CheckAsync(stream, table.Remove(key), cancellationToken);
            }
        }
        catch (StoreCorruptException fault)
        {
            add(new(FindingKinds.Damaged, $"The list of streams cannot be read: {fault.Message}"));
            return;
        }

        foreach (var left in table.Left) await ReportLeftAsync(left, cancellationToken);
    }

    private async Task CheckAsync(StreamName stream, StreamInLog? inLog, CancellationToken cancellationToken)
    {
        Streams++;
        try
        {
            var head = await store.Events.ReadHeadAsync(stream, cancellationToken);
            var end = ends[head.Position.Partition.Value];
            var hasGrown = head.Position.Position.Value > end;
            if (inLog is not { } found)
            {
                if (!hasGrown && head.Version.Value > 0)
                    Add(FindingKinds.Head, stream, head.Position,
                        $"Its head is at version {head.Version}, and the log has no event of it.");
                return;
            }

            if (!hasGrown) CheckHead(head, found);
            else await CheckGrownAsync(head, cancellationToken);
            var check = new SnapshotCheck(store, _fold, head, end, add);
            await check.LoadAsync(cancellationToken);
            var (checksum, first) = await ReadAsync(head, end, check, cancellationToken);
            Count(check, stream);
            if (checksum == found.Checksum && !found.IsMixed) return;
            if (unreadable[head.Position.Partition.Value] > 0) return;
            if (await HasChangedAsync(found, cancellationToken)) Changed++;
            else
                Add(FindingKinds.Stream, stream, found.Position,
                    found.IsMixed
                        ? $"Version {found.First} is not removed, and a later one is."
                        : $"What is read of it from version {first} on is not what the log has of it.");
        }
        catch (StoreCorruptException fault)
        {
            add(new(FindingKinds.Damaged, fault.Message) { Stream = stream });
        }
        catch (StreamTruncatedException)
        {
            Changed++;
        }
    }

    private void CheckHead(StreamHead head, StreamInLog found)
    {
        if (unreadable[head.Position.Partition.Value] > 0) return;
        if (head.Version.Value != found.Version || head.Position != found.Position)
            Add(FindingKinds.Head, head.Stream, head.Position,
                $"Its head is at version {head.Version}, and in the log it ends with version {found.Version} at "
                + $"{found.Position}.");
        else if (head.First.Value < found.First)
            Add(FindingKinds.Head, head.Stream, head.Position,
                $"Its head says that version {head.First} is there, and the log has removed what is before version "
                + $"{found.First}.");
    }

    // A head that is after the end may have been written meanwhile: the log has that position by now.
    private async Task CheckGrownAsync(StreamHead head, CancellationToken cancellationToken)
    {
        var (partition, position) = (head.Position.Partition.Value, head.Position.Position.Value);
        if (await store.EndOfAsync(partition, cancellationToken) < position)
            Add(FindingKinds.Head, head.Stream, head.Position, "Its head is at a position that the log does not have.");
    }

    // The checksum of the events up to the end, and the first version that is there.
    private async Task<(ulong Checksum, long First)> ReadAsync(
        StreamHead head, long end, SnapshotCheck snapshots, CancellationToken cancellationToken)
    {
        var (checksum, version) = (0UL, Math.Max(0, head.First.Value - 1));
        if (head.Version == StreamVersion.Zero) return (checksum, version);
        await foreach (var one in store.Events.ReadStreamAsync(head.Stream, new(version), cancellationToken))
        {
            if (one.Position.Position.Value > end) break;
            if (one.Stream != head.Stream || one.Version.Value != version + 1)
                Add(FindingKinds.Stream, head.Stream, one.Position,
                    $"After version {version} version {one.Version} of {one.Stream} is read.");
            version = one.Version.Value;
            checksum = StreamInLog.Next(checksum, one);
            snapshots.Add(one);
        }

        snapshots.End();
        return (checksum, head.First.Value);
    }

    // Cleared or truncated since the log was read.
    private async Task<bool> HasChangedAsync(StreamInLog found, CancellationToken cancellationToken)
    {
        if (found.First == 0) return false;
        var first = await store.ReadAtAsync(
            found.Position.Partition.Value, found.FirstPosition, cancellationToken);
        return first?.IsTombstone == true;
    }

    private async Task ReportLeftAsync(StreamInLog left, CancellationToken cancellationToken)
    {
        var (partition, position) = (left.Position.Partition.Value, left.Position.Position.Value);
        var last = await store.ReadAtAsync(partition, position, cancellationToken);
        add(new(FindingKinds.Head, "The list of streams does not have the stream of this event.")
        {
            Stream = last?.Stream,
            Position = left.Position,
        });
    }

    private void Count(SnapshotCheck check, StreamName stream)
    {
        Folded += check.Folded;
        if (check.NotFolded > 0)
            NotFolded[stream.Category] = NotFolded.GetValueOrDefault(stream.Category) + check.NotFolded;
    }

    private void Add(string kind, StreamName stream, LogPosition position, string message) =>
        add(new(kind, message) { Stream = stream, Position = position });
}
