using System.Text.Json;
using Granary.Contracts;
using Granary.Runtime;

namespace Granary.Grains;

/// <summary>Takes any JSON event into a stream, with order, versions and idempotence.</summary>
[GrainType(IEventStreamGrain.GrainType)]
internal sealed class EventStreamGrain(StreamReducers reducers, IEventStore store)
    : AggregateGrain<EventStreamState, StreamEvent>, IEventStreamGrain, IStreamNamed, IFoldIdentity
{
    public string FoldIdentity => reducers.IdentityOf(StreamName.Category);

    public StreamName StreamName => StreamName.Parse(this.GetPrimaryKeyString());

    public async Task<StreamAppendAnswer> Append(StreamAppend request)
    {
        if (request.Events.Count == 0) throw new ArgumentException("There is no event to append.", nameof(request));
        try
        {
            // What was decided here may have lost the race against another silo, whose answer to the same request
            // counts.
            Appended? decided = null;
            var answer = await ExecuteAsync(CommandOf(request), () => decided = Decide(request));
            var outcome = ReferenceEquals(answer, decided)
                ? AppendOutcome.Appended
                : AppendOutcome.AlreadyAppended;
            var position = answer.Last == Version ? Position : await ReadPositionAsync(new(answer.Last));
            return new(outcome, new(answer.First), new(answer.Last), position);
        }
        catch (AllStoredException stored)
        {
            return new(
                AppendOutcome.AlreadyAppended, new(stored.First), new(stored.Last),
                await ReadPositionAsync(new(stored.Last)));
        }
        catch (WrongExpectedVersionException) when (!request.Expected.IsMetBy(new(Version), Position.Position))
        {
            // It was checked against the store: another silo's events count.
            if (Version > 0) return new(AppendOutcome.Conflict, StreamVersion.Zero, new(Version), Position);
        }

        return await AppendToEmptyAsync(request);
    }

    // An activation of an empty stream does not know where the stream was cleared; its head says so.
    private async Task<StreamAppendAnswer> AppendToEmptyAsync(StreamAppend request)
    {
        var head = await store.ReadHeadAsync(Stream, CancellationToken.None);
        return head.Version == StreamVersion.Zero && request.Expected.IsMetBy(head.Version, head.Position.Position)
            ? await Append(request with { Expected = ExpectedVersion.NoStream })
            : new(AppendOutcome.Conflict, StreamVersion.Zero, head.Version, head.Position);
    }

    protected override void TransitionState(EventStreamState state, StreamEvent @event)
    {
        reducers.Fold(Stream.Category, state, @event);
        state.Remember(@event);
    }

    // A conflict is thrown, not answered: an answer would be stored as the command's, and that changes the stream.
    private Appended Decide(StreamAppend request)
    {
        var events = request.AreCloudEvents ? NotStored(request.Events) : request.Events;
        if (!request.Expected.IsMetBy(new(Version), Position.Position))
            throw new WrongExpectedVersionException(Stream, request.Expected, new(Version));
        if (events.Count == 1) RaiseEvent(events[0]);
        else RaiseEvents(events);
        return new(Version + 1, Version + events.Count);
    }

    // A sender that had no answer may deliver the same events in other batches. None of them is stored twice.
    private List<StreamEvent> NotStored(IReadOnlyList<StreamEvent> events)
    {
        var (first, last) = (long.MaxValue, 0L);
        var added = new Dictionary<Guid, StoredCloudEvent>();
        var fresh = new List<StreamEvent>(events.Count);
        foreach (var @event in events)
        {
            if (StoredCloudEvent.Of(@event, 0) is not { } one)
                throw new ArgumentException("A CloudEvent has its source and id as metadata.", nameof(events));
            var stored = State.Find(one);
            if ((stored ?? (added.TryGetValue(one.Key, out var other) ? other : one)).Content != one.Content)
                throw new CommandIdReusedException(Stream, StoredCloudEvent.Name(@event));
            if (stored is { Version: var version })
                (first, last) = (Math.Min(first, version), Math.Max(last, version));
            else if (added.TryAdd(one.Key, one)) fresh.Add(@event);
        }

        return fresh.Count > 0 ? fresh : throw new AllStoredException(first, last);
    }

    // Of an event that was removed since only the version is known.
    private async Task<LogPosition> ReadPositionAsync(StreamVersion version)
    {
        try
        {
            var page = await store.ReadStreamForwardAsync(Stream, new(version.Value - 1), 1, CancellationToken.None);
            return page.Events is [var last] ? last.Position : Position;
        }
        catch (StreamTruncatedException)
        {
            return LogPosition.StartOf(Position.Partition);
        }
    }

    private static Command CommandOf(StreamAppend request)
    {
        if (request.IdempotencyKey is null) return default;
        var content = request.AreCloudEvents
            ? [.. request.Events.Select(static one => one with { Metadata = null })]
            : request.Events;
        return Command.Of(request.IdempotencyKey, JsonSerializer.SerializeToUtf8Bytes(content));
    }

    private sealed record Appended(long First, long Last);

    // Thrown, not answered, for the same reason as a conflict.
    private sealed class AllStoredException(long first, long last) : Exception
    {
        public long First => first;

        public long Last => last;
    }
}
