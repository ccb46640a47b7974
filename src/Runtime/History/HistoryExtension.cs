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

    public async Task<StreamHead> ReadHead(CancellationToken cancellationToken) =>
        await store.ReadHeadAsync(Journal.Stream, cancellationToken);

    public async Task<EventPage> ReadEvents(
        StreamVersion from, int limit, ReadDirection direction, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, GranaryLimits.PageSizeMax);
        return direction == ReadDirection.Forward
            ? await store.ReadStreamForwardAsync(Journal.Stream, from, limit, cancellationToken)
            : await store.ReadStreamBackwardAsync(Journal.Stream, from, limit, cancellationToken);
    }

    public async Task<StateView> ReadState(CancellationToken cancellationToken)
    {
        // Another silo may have appended since: the activation's own state counts only where it is at the store's head.
        var head = await store.ReadHeadAsync(Journal.Stream, cancellationToken);
        var journal = Journal;
        return head.Version == journal.Version && (head.Position == journal.Position || head.Version.Value == 0)
            ? new StateView(
                journal.Stream, journal.Version, journal.Position, head.Updated, StateJson.Of(journal.ConfirmedState))
            : await Reader().NowAsync(cancellationToken);
    }

    public Task<StateView> ReadStateAtVersion(StreamVersion version, CancellationToken cancellationToken) =>
        Reader().AtVersionAsync(version, cancellationToken);

    public Task<StateView> ReadStateAtInstant(DateTimeOffset instant, CancellationToken cancellationToken) =>
        Reader().AtInstantAsync(instant, cancellationToken);

    private StateReader Reader() => new(store, snapshots, Journal, logger.Guarded());
}
