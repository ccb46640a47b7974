using Granary.Tests.Unit.Testing;
using Orleans.EventSourcing;
using Orleans.Providers;

namespace Granary.Tests.Unit.Hosting;

/// <summary>A door whose events are with Orleans' LogStorage.</summary>
[Alias("unit.ILogStorageDoorGrain")]
public interface ILogStorageDoorGrain : IDoorGrain;

/// <summary>A door that names Granary.</summary>
[Alias("unit.IGranaryDoorGrain")]
public interface IGranaryDoorGrain : IDoorGrain;

/// <summary>A door whose attribute names no provider.</summary>
[Alias("unit.INamelessDoorGrain")]
public interface INamelessDoorGrain : IDoorGrain;

internal abstract class ProvidedDoorGrain : JournaledGrain<DoorState, IDoorEvent>
{
    public Task Open(string by) => RaiseAsync(new DoorOpened(by));

    public Task Close() => RaiseAsync(new DoorClosed());

    public Task<bool> IsOpen() => Task.FromResult(State.IsOpen);

    public Task Leave()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }

    protected override void TransitionState(DoorState state, IDoorEvent @event) => state.Apply(@event);

    private async Task RaiseAsync(IDoorEvent @event)
    {
        RaiseEvent(@event);
        await ConfirmEvents();
    }
}

[LogConsistencyProvider(ProviderName = "LogStorage")]
internal sealed class LogStorageDoorGrain : ProvidedDoorGrain, ILogStorageDoorGrain;

[LogConsistencyProvider(ProviderName = "Granary")]
internal sealed class GranaryDoorGrain : ProvidedDoorGrain, IGranaryDoorGrain;

[LogConsistencyProvider]
internal sealed class NamelessDoorGrain : ProvidedDoorGrain, INamelessDoorGrain;
