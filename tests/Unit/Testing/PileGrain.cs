using System.Text.Json;
using System.Text.Json.Serialization;
using Granary.Runtime;
using Orleans.EventSourcing;

namespace Granary.Tests.Unit.Testing;

/// <summary>A stack comes back in the reverse order from JSON.</summary>
[Alias("unit.piled")]
internal sealed record Piled(Stack<int> Items)
{
    [JsonIgnore]
    public string? Note { get; init; }
}

internal sealed class PileState
{
    public List<string> All { get; } = [];

    public void Apply(Piled @event) => All.AddRange(@event.Items.Select(item => $"{item}{@event.Note}"));
}

internal sealed class PileGrain : JournaledGrain<PileState, Piled>
{
    public Task<string[]> Put(params int[] items) => PutNoted(null, items);

    public async Task<string[]> PutNoted(string? note, params int[] items)
    {
        if (items.Length > 0) RaiseEvent(new Piled(new(items)) { Note = note });
        await ConfirmEvents();
        return [.. State.All];
    }

    // A negative item is none: the mistake of a grain that raises in the middle of a fold, or one that reads its state.
    protected override void TransitionState(PileState state, Piled @event)
    {
        if (@event.Items.Contains(-1)) RaiseEvent(new Piled(new([1])));
        if (@event.Items.Contains(-2)) Assert.Equal((state, state), (State, TentativeState));
        state.Apply(@event);
    }
}

/// <summary>Keeps the order; gives a pile with a zero a name that is reserved.</summary>
internal sealed class PileCodec : IEventCodec<Piled>
{
    public NewEvent Encode(Piled @event, EventMetadata metadata) => new(
        Guid.CreateVersion7(DateTimeOffset.UnixEpoch), @event.Items.Contains(0) ? "granary.pile" : "pile",
        JsonSerializer.SerializeToUtf8Bytes(@event.Items.Reverse()));

    public void Decode(RecordedEvent recorded, ICollection<Piled> into) =>
        into.Add(new Piled(new(JsonSerializer.Deserialize<int[]>(recorded.Payload.Span)!)));
}
