using Microsoft.Extensions.Logging;

namespace Granary.Runtime;

/// <summary>The history of any grain on Granary, read in turns that interleave with the grain's own.</summary>
internal sealed class HistoryExtension(
    IGrainContextAccessor accessor,
    IEventStore store,
    ISnapshotStore snapshots,
    ILogger<HistoryExtension> logger)
    : IHistoryExtension
{
    private readonly IGrainContext _context = accessor.GrainContext!;

    private IJournal Journal =>
        _context.GetComponent<IJournal>() ?? throw new NotOnGranaryException(_context.GrainId.ToString());

    public async Task<StreamHead> ReadHead() => await store.ReadHeadAsync(Journal.Stream, CancellationToken.None);

    public async Task<EventPage> ReadEvents(StreamVersion from, int limit, ReadDirection direction)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, GranaryLimits.PageSizeMax);
        return direction == ReadDirection.Forward
            ? await store.ReadStreamForwardAsync(Journal.Stream, from, limit, CancellationToken.None)
            : await store.ReadStreamBackwardAsync(Journal.Stream, from, limit, CancellationToken.None);
    }

    public async Task<StateView> ReadState()
    {
        // Another silo may have appended since: the activation's own state counts only where it is at the store's head.
        var head = await store.ReadHeadAsync(Journal.Stream, CancellationToken.None);
        var journal = Journal;
        return head.Version == journal.Version && (head.Position == journal.Position || head.Version.Value == 0)
            ? new StateView(
                journal.Stream, journal.Version, journal.Position, head.Updated, StateJson.Of(journal.ConfirmedState))
            : await Reader().NowAsync();
    }

    public Task<StateView> ReadStateAtVersion(StreamVersion version) => Reader().AtVersionAsync(version);

    public Task<StateView> ReadStateAtInstant(DateTimeOffset instant) => Reader().AtInstantAsync(instant);

    private StateReader Reader() => new(store, snapshots, Journal, logger.Guarded());
}
