namespace Granary.Tests.Integration;

/// <summary>An event of the streams <c>things</c>, as it is posted as JSON.</summary>
[GenerateSerializer, Alias("thing-changed")]
public sealed record ThingChanged(
    [property: Id(0)] int Amount, [property: Id(1)] string? Colour = null, [property: Id(2)] bool Fails = false);

public sealed record Thing(int Count, int Total, string? Colour);

/// <summary>A model of each stream of <c>things</c>.</summary>
[Projection("things")]
public sealed class Things : Projection<Thing>
{
    /// <summary>Whether events that are marked so fail.</summary>
    public static volatile bool Fail = true;

    public Things()
    {
        Categories("things");
        Column(thing => thing.Count);
        Column(thing => thing.Total);
        Column(thing => thing.Colour);
    }

    public static Thing Create(ThingChanged changed) => Apply(new Thing(0, 0, null), changed);

    public static Thing Apply(Thing thing, ThingChanged changed)
    {
        if (changed.Fails && Fail) throw new InvalidOperationException("It fails, as it says.");
        return new Thing(thing.Count + 1, thing.Total + changed.Amount, changed.Colour ?? thing.Colour);
    }
}

/// <summary>The number of events of each stream of <c>things</c>, to be folded when it is read.</summary>
[Projection("counted_things")]
public sealed class CountedThings : Projection<CountedThing>
{
    public CountedThings() => Categories("things");

    public static void Apply(CountedThing thing, ThingChanged changed) => thing.Count++;
}

public sealed class CountedThing
{
    public int Count { get; set; }
}
