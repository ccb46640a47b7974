using Orleans.EventSourcing;

namespace Consumer;

[Alias("consumer.ITallyGrain")]
public interface ITallyGrain : IGrainWithStringKey
{
    [Alias("Add")] Task<int> Add(int amount);
}

[GenerateSerializer, Alias("tallied")]
public sealed record Tallied([property: Id(0)] int Amount);

[GenerateSerializer, Alias("consumer.TallyState")]
public sealed class TallyState
{
    [Id(0)] public int Total { get; set; }

    public void Apply(Tallied tallied) => Total += tallied.Amount;
}

[GrainType("tally")]
public sealed class TallyGrain : JournaledGrain<TallyState, Tallied>, ITallyGrain
{
    public async Task<int> Add(int amount)
    {
        RaiseEvent(new Tallied(amount));
        await ConfirmEvents();
        return State.Total;
    }
}
