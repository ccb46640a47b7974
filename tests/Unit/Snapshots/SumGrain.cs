using Granary.Runtime;

namespace Granary.Tests.Unit.Snapshots;

[Alias("unit.ISumGrain")]
public interface ISumGrain : IGrainWithStringKey
{
    [Alias("Add")] Task Add(int number);

    [Alias("Get")] Task<SumView> Get();

    [Alias("Leave")] Task Leave();

    [Alias("MoveAway")] Task MoveAway();
}

/// <param name="Sum">The sum of all that was added.</param>
/// <param name="Folded">How many events this activation folded.</param>
/// <param name="Home">The silo.</param>
[GenerateSerializer, Alias("unit.SumView")]
public sealed record SumView(
    [property: Id(0)] int Sum,
    [property: Id(1)] int Folded,
    [property: Id(2)] string Home);

internal interface ISumEvent;

[GenerateSerializer, Alias("unit.summed")]
internal sealed record Summed([property: Id(0)] int Number) : ISumEvent;

[GenerateSerializer, Alias("unit.SumState")]
internal sealed class SumState
{
    [Id(0)] public int Sum { get; set; }

    public void Apply(Summed summed)
    {
        if (Sum >= 1_000_000) throw new InvalidOperationException("It is too much.");
        Sum += summed.Number;
    }
}

[GrainType("sum")]
internal sealed class SumGrain(ILocalSiloDetails silo) : AggregateGrain<SumState, ISumEvent>, ISumGrain
{
    private int _folded;

    public Task Add(int number)
    {
        RaiseEvent(new Summed(number));
        return ConfirmEvents();
    }

    public Task<SumView> Get() => Task.FromResult(new SumView(State.Sum, _folded, silo.SiloAddress.ToString()));

    public Task Leave()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }

    public Task MoveAway()
    {
        MigrateOnIdle();
        return Task.CompletedTask;
    }

    protected override void TransitionState(SumState state, ISumEvent @event)
    {
        state.Apply((Summed)@event);
        _folded++;
    }
}
