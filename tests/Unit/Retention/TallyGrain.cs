using Orleans.EventSourcing;

namespace Granary.Tests.Unit.Retention;

[Alias("retention.ITallyGrain")]
public interface ITallyGrain : IGrainWithStringKey
{
    [Alias("Add")] Task<int> Add(params int[] amounts);

    [Alias("Get")] Task<(int Total, int Version)> Get();

    [Alias("Clear")] Task Clear();
}

[GenerateSerializer, Alias("retention.tallied")]
public sealed record Tallied([property: Id(0)] int Amount);

[GenerateSerializer, Alias("retention.TallyState")]
public sealed class TallyState
{
    [Id(0)] public int Total { get; set; }

    public void Apply(Tallied tallied) => Total += tallied.Amount;
}

/// <summary>A grain whose events are removed.</summary>
[GrainType("tally")]
public sealed class TallyGrain : JournaledGrain<TallyState, Tallied>, ITallyGrain
{
    public async Task<int> Add(params int[] amounts)
    {
        RaiseEvents(amounts.Select(static amount => new Tallied(amount)));
        await ConfirmEvents();
        return Version;
    }

    public Task<(int Total, int Version)> Get() => Task.FromResult((State.Total, Version));

    public Task Clear() => ClearLogAsync();
}
