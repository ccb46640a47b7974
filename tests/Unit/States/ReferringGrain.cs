using Orleans.EventSourcing;

namespace Granary.Tests.Unit.States;

[Alias("unit.IReferringGrain")]
public interface IReferringGrain : IGrainWithStringKey
{
    [Alias("Add")] Task<int> Add(int number);

    [Alias("Leave")] Task Leave();
}

[GenerateSerializer, Alias("unit.referred")]
internal sealed record Referred([property: Id(0)] int Number);

/// <summary>A plain state that holds a reference to a grain.</summary>
internal sealed class ReferringState
{
    public static IGrainFactory? Grains { get; set; }

    public int Sum { get; set; }

    public IReferringGrain? Other { get; set; }

    public void Apply(Referred referred)
    {
        Sum += referred.Number;
        Other ??= Grains!.GetGrain<IReferringGrain>("other");
    }
}

[GrainType("referring")]
internal sealed class ReferringGrain(IGrainFactory grains)
    : JournaledGrain<ReferringState, Referred>, IReferringGrain
{
    public async Task<int> Add(int number)
    {
        ReferringState.Grains = grains;
        RaiseEvent(new Referred(number));
        await ConfirmEvents();
        return TentativeState.Sum;
    }

    public Task Leave()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        ReferringState.Grains = grains;
        await base.OnActivateAsync(cancellationToken);
    }
}

[Alias("unit.IDelegateGrain")]
public interface IDelegateGrain : IGrainWithStringKey
{
    [Alias("Get")] Task Get();
}

[GrainType("delegating")]
internal sealed class DelegateGrain : JournaledGrain<DelegateState, Referred>, IDelegateGrain
{
    public Task Get() => Task.CompletedTask;
}
