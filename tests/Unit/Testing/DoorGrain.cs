using Orleans.EventSourcing;

namespace Granary.Tests.Unit.Testing;

/// <summary>A plain journaled grain, as it would be written for any provider.</summary>
[Alias("unit.IDoorGrain")]
public interface IDoorGrain : IGrainWithStringKey
{
    [Alias("Open")] Task Open(string by);

    [Alias("Close")] Task Close();

    [Alias("IsOpen")] Task<bool> IsOpen();

    [Alias("Leave")] Task Leave();
}

[Alias("unit.IClearableDoorGrain")]
public interface IClearableDoorGrain : IDoorGrain
{
    [Alias("Clear")] Task Clear();
}

internal interface IDoorEvent;

[GenerateSerializer, Alias("unit.door-opened")]
internal sealed record DoorOpened([property: Id(0)] string By) : IDoorEvent;

[GenerateSerializer, Alias("unit.door-closed")]
internal sealed record DoorClosed : IDoorEvent;

/// <summary>An event whose content JSON does not see, and that defines no equality.</summary>
[GenerateSerializer, Alias("unit.door-marked")]
internal sealed class DoorMarked(params string[] marks) : IDoorEvent
{
    [Id(0)] private readonly string[] _marks = marks;

    public override string ToString() => string.Join('+', _marks);
}

[GenerateSerializer, Alias("unit.DoorState")]
internal sealed class DoorState
{
    [Id(0)] public bool IsOpen { get; set; }

    public void Apply(IDoorEvent @event)
    {
        switch (@event)
        {
            case DoorOpened { By: "" }:
                throw new DoorException("An opener has a name.");
            case DoorOpened:
                IsOpen = true;
                break;
            case DoorClosed:
                IsOpen = false;
                break;
        }
    }
}

[GenerateSerializer, Alias("unit.DoorException")]
internal sealed class DoorException(string message) : Exception(message);

internal sealed class DoorGrain : JournaledGrain<DoorState, IDoorEvent>, IClearableDoorGrain
{
    public int StateChanges { get; private set; }

    public async Task Open(string by)
    {
        RaiseEvent(new DoorOpened(by));
        await ConfirmEvents();
    }

    public async Task Close()
    {
        RaiseEvent(new DoorClosed());
        await ConfirmEvents();
    }

    public Task CloseInItsOwnTime()
    {
        RaiseEvent(new DoorClosed());
        return Task.CompletedTask;
    }

    public Task CloseAndFail()
    {
        RaiseEvent(new DoorClosed());
        throw new DoorException("The hinge broke.");
    }

    public async Task Mark(params string[] marks)
    {
        RaiseEvent(new DoorMarked(marks));
        await ConfirmEvents();
    }

    public async Task OpenAndShut(string by)
    {
        RaiseEvents<IDoorEvent>([new DoorOpened(by), new DoorClosed()]);
        await ConfirmEvents();
    }

    public Task<bool> TryOpen(string by) => RaiseConditionalEvent(new DoorOpened(by));

    public Task<(bool State, bool Tentative, int Unconfirmed)> Look(string by)
    {
        RaiseEvent(new DoorOpened(by));
        return Task.FromResult((State.IsOpen, TentativeState.IsOpen, UnconfirmedEvents.Count()));
    }

    public Task<IReadOnlyList<IDoorEvent>> History() => RetrieveConfirmedEvents(0, Version);

    public Task Clear() => ClearLogAsync();

    public async Task ClearAndOpen(string by)
    {
        await ClearLogAsync();
        await Open(by);
    }

    public Task<bool> IsOpen() => Task.FromResult(State.IsOpen);

    public Task Leave()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }

    public Task<int> At() => Task.FromResult(Version);

    public Task<string> Key() => Task.FromResult(this.GetPrimaryKeyString());

    protected override void OnStateChanged() => StateChanges++;

    protected override void TransitionState(DoorState state, IDoorEvent @event) => state.Apply(@event);
}
