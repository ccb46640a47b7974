using System.Runtime.CompilerServices;
using Granary.Client;
using Microsoft.Extensions.DependencyInjection;

namespace Granary.Gateway;

/// <summary>
/// Reads heads and events: from the store itself where it is in this process, as in a silo, else through the cluster.
/// A read of the cluster goes on when its caller is gone. It is waited for, so that the reads that run stay bounded.
/// </summary>
internal sealed class EventReader(IGranaryClient client, IServiceProvider services)
{
    private const int FirstPageEvents = 16;
    private const int PageEventsMax = 256;

    private readonly IEventStore? _store = services.GetService<IEventStore>();

    /// <summary>The log, for those who follow it.</summary>
    public ILogSource Log { get; } = SourceOf(services);

    public async Task<int> GetPartitionCountAsync(CancellationToken cancellationToken) =>
        _store?.PartitionCount ?? await client.GetPartitionCountAsync(cancellationToken);

    public async Task<StreamHead> ReadHeadAsync(StreamName stream, CancellationToken cancellationToken) =>
        _store is null
            ? await client.ReadHeadAsync(stream, cancellationToken)
            : await _store.ReadHeadAsync(stream, cancellationToken);

    /// <summary>The events of a stream after a version, or before one, newest first.</summary>
    /// <exception cref="ApiProblem">
    /// The event of that version is not at the position that the range names: the stream was cleared.
    /// </exception>
    public IAsyncEnumerable<RecordedEvent> ReadStreamAsync(
        StreamName stream, StreamRange range, CancellationToken cancellationToken) =>
        range.Position == GlobalPosition.Zero
            ? ReadStreamAsync(stream, range.From, range.Direction, cancellationToken)
            : ReadOnAsync(stream, range, cancellationToken);

    // The event that the caller read last is read again first: what follows it is of one generation with it.
    private async IAsyncEnumerable<RecordedEvent> ReadOnAsync(
        StreamName stream, StreamRange range, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (last, position, direction, _) = range;
        var from = direction == ReadDirection.Forward ? new StreamVersion(last.Value - 1)
            : last.Value == long.MaxValue ? last : last.Plus(1);
        var isFirst = true;
        await foreach (var recorded in ReadStreamAsync(stream, from, direction, cancellationToken))
        {
            if (!isFirst) yield return recorded;
            else if (recorded.Version != last || recorded.Position.Position != position) break;
            isFirst = false;
        }

        if (isFirst) throw Problems.Cleared(stream, last, position);
    }

    private IAsyncEnumerable<RecordedEvent> ReadStreamAsync(
        StreamName stream, StreamVersion from, ReadDirection direction, CancellationToken cancellationToken) =>
        _store is not null && direction == ReadDirection.Forward
            ? _store.ReadStreamAsync(stream, from, cancellationToken)
            : ReadPages(stream, from, direction, cancellationToken);

    /// <summary>The events of a partition after a position.</summary>
    public IAsyncEnumerable<RecordedEvent> ReadLogAsync(LogPosition after, CancellationToken cancellationToken) =>
        _store?.ReadLogAsync(after, cancellationToken) ?? ReadLogPages(after, cancellationToken);

    // Each page but the first begins with the event that the one before it ended with. Where that is another one, or
    // none, the stream was cleared in between, and what follows belongs to its next generation.
    private async IAsyncEnumerable<RecordedEvent> ReadPages(
        StreamName stream, StreamVersion from, ReadDirection direction,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var last = default(RecordedEvent);
        for (var count = FirstPageEvents; ; count = Math.Min(count * 2, PageEventsMax))
        {
            var page = await ReadPageAsync(stream, from, count, direction, cancellationToken);
            if (last is not null && (page.Events.Count < 2 || page.Events[0].Position != last.Position)) yield break;
            for (var at = last is null ? 0 : 1; at < page.Events.Count; at++) yield return page.Events[at];
            if (!page.More || page.Events.Count == 0) yield break;
            last = page.Events[^1];
            from = direction == ReadDirection.Forward ? new(last.Version.Value - 1) : last.Version.Plus(1);
        }
    }

    private async IAsyncEnumerable<RecordedEvent> ReadLogPages(
        LogPosition after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (var count = FirstPageEvents; ; count = Math.Min(count * 2, PageEventsMax))
        {
            // As for every page of a client: a cancelled call returns before the silo's read has ended.
            cancellationToken.ThrowIfCancellationRequested();
            var page = await client.ReadLogAsync(after, count, CancellationToken.None);
            foreach (var recorded in page.Events) yield return recorded;
            if (!page.More || page.Events.Count == 0) yield break;
            after = page.Events[^1].Position;
        }
    }

    private async Task<EventPage> ReadPageAsync(
        StreamName stream, StreamVersion from, int count, ReadDirection direction, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (_store is null) return await client.ReadStreamAsync(stream, from, count, direction, CancellationToken.None);
        return direction == ReadDirection.Forward
            ? await _store.ReadStreamForwardAsync(stream, from, count, cancellationToken)
            : await _store.ReadStreamBackwardAsync(stream, from, count, cancellationToken);
    }

    private static ILogSource SourceOf(IServiceProvider services) => services.GetService<IEventStore>() is { } store
        ? new StoreLogSource(
            store, services.GetService<ILogTail>() ?? store as ILogTail,
            services.GetService<TimeProvider>() ?? TimeProvider.System)
        : services.GetRequiredService<ILogSource>();
}
