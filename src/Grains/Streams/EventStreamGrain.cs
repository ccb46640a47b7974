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
        catch (WrongExpectedVersionException) when (!request.Expected.IsMetBy(new(Version), Position.Position))
        {
            // It was checked against the store: another silo's events count.
            return new(AppendOutcome.Conflict, StreamVersion.Zero, new(Version), Position);
        }
    }

    protected override void TransitionState(EventStreamState state, StreamEvent @event) =>
        reducers.Fold(Stream.Category, state, @event);

    // A conflict is thrown, not answered: an answer would be stored as the command's, and that changes the stream.
    private Appended Decide(StreamAppend request)
    {
        if (!request.Expected.IsMetBy(new(Version), Position.Position))
            throw new WrongExpectedVersionException(Stream, request.Expected, new(Version));
        RaiseEvents(request.Events);
        return new(Version + 1, Version + request.Events.Count);
    }

    private async Task<LogPosition> ReadPositionAsync(StreamVersion version)
    {
        var page = await store.ReadStreamForwardAsync(Stream, new(version.Value - 1), 1, CancellationToken.None);
        return page.Events is [var last] ? last.Position : Position;
    }

    private static Command CommandOf(StreamAppend request)
    {
        if (request.IdempotencyKey is null) return default;
        var content = request.IgnoresMetadata
            ? [.. request.Events.Select(static one => one with { Metadata = null })]
            : request.Events;
        return Command.Of(request.IdempotencyKey, JsonSerializer.SerializeToUtf8Bytes(content));
    }

    private sealed record Appended(long First, long Last);
}
