namespace Granary.Benchmarks;

/// <summary>Plain grain calls that keep nothing: the ceiling of everything that is a grain.</summary>
internal sealed class PlainContestant() : OrleansContestant(PlainTally.Kind)
{
    /// <summary>They would lose what they know by leaving, so they are only asked: no call was left out.</summary>
    public override async Task<long> CountAsync() =>
        (await Task.WhenAll(Enumerable.Range(0, Grains).Select(at => Silo.Tally(Kind, at).Count()))).Sum();

    protected override void Configure(ISiloBuilder silo, string folder)
    {
    }
}
