using Granary.Tests.Unit.Retention;

namespace Granary.Tests.Unit.Projections;

public sealed record TallyModel
{
    public int Total { get; set; }

    public int Count { get; set; }
}

[Projection("tallies")]
public sealed class Tallies : Projection<TallyModel>
{
    public Tallies()
    {
        Categories("tally");
        Column(model => model.Total);
    }

    private static void Apply(TallyModel model, Tallied tallied)
    {
        model.Total += tallied.Amount;
        model.Count++;
    }
}

/// <summary>Later code of the same projection.</summary>
[Projection("tallies", Version = 2)]
public sealed class DoubledTallies : Projection<TallyModel>
{
    public DoubledTallies()
    {
        Categories("tally");
        Column(model => model.Total);
        Column(model => model.Count);
    }

    private static TallyModel Apply(TallyModel model, Tallied tallied) =>
        model with { Total = model.Total + (2 * tallied.Amount), Count = model.Count + 1 };
}
