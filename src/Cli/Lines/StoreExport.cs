namespace Granary.Cli;

/// <summary>Reads events for an export: whole appends, merged by time, up to the end as it is first.</summary>
/// <param name="store">The store.</param>
/// <param name="after">The positions after which it begins.</param>
internal sealed class StoreExport(OpenedStore store, LogPosition[] after)
{
    /// <summary>Through which positions it has come.</summary>
    public LogPosition[] Through { get; } = [.. after];

    /// <summary>How many events were exported.</summary>
    public long Events { get; private set; }

    /// <summary>How many of them are removed: their content is not in the store.</summary>
    public long Removed { get; private set; }

    /// <summary>Exports events.</summary>
    /// <param name="takes">Which events.</param>
    /// <param name="write">Receives them.</param>
    /// <param name="cancellationToken">Stops it, between two appends.</param>
    public async Task RunAsync(
        Func<StreamName, bool> takes, Func<RecordedEvent, ValueTask> write, CancellationToken cancellationToken)
    {
        var ends = new long[after.Length];
        for (var at = 0; at < ends.Length; at++)
        {
            ends[at] = await store.EndOfAsync(at, cancellationToken);
            if (ends[at] < after[at].Position.Value)
                throw new CommandException(
                    $"Partition {at} of {store.Name} ends at {ends[at]}, before {after[at]}: the position is of "
                    + "another store, or the store was restored from an older backup.", ExitCodes.Found);
        }

        var feed = new CopyFeed(store, after);
        while (await feed.NextAsync(cancellationToken) is { } round)
        {
            foreach (var append in round.Appends)
            {
                // What is appended since is for the next time.
                if (append.Last.Position.Position.Value > ends[append.Last.Position.Partition.Value]) continue;
                cancellationToken.ThrowIfCancellationRequested();
                if (takes(append.First.Stream)) await WriteAsync(append, write);
                Through[append.Last.Position.Partition.Value] = append.Last.Position;
            }

            if (Through.All(one => one.Position.Value >= ends[one.Partition.Value])) return;
        }
    }

    private async ValueTask WriteAsync(CopiedAppend append, Func<RecordedEvent, ValueTask> write)
    {
        foreach (var one in append.Events)
        {
            await write(one);
            Events++;
            if (one.Type == EventTypes.Tombstone) Removed++;
        }
    }
}
