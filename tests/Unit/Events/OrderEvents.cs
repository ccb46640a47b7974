using System.Text.Json.Serialization;

namespace Granary.Tests.Unit.Events;

internal interface IOrderEvent;

[Alias("order-placed")]
internal sealed record OrderPlaced(string Customer, decimal Total) : IOrderEvent
{
    public List<OrderLine> Lines { get; init; } = [];
}

internal sealed record OrderLine(string Article, int Count, (string Name, int Value) Tag);

internal abstract record OrderChanged(string By) : IOrderEvent;

internal sealed record OrderMoved(string By, Uri Target, DateTimeOffset At, Guid? Batch) : OrderChanged(By);

[SchemaVersion(3)]
internal sealed record OrderPaid(string By, decimal Amount) : OrderChanged(By);

internal sealed record OrderValueSet<TValue>(string Name, TValue Value) : IOrderEvent;

internal sealed class WithPrivateSetter : IOrderEvent
{
    [JsonInclude]
    public string Name { get; private set; } = "";

    public static WithPrivateSetter Of(string name) => new() { Name = name };
}

internal sealed class WithPublicField : IOrderEvent
{
    public string? Name;
}

internal sealed class WithBackingField : IOrderEvent
{
    private string _name = "";

    public string Name
    {
        get => _name;
        set => _name = value.Trim();
    }
}

internal sealed class WithConstructor(string name, int count) : IOrderEvent
{
    public string Name => name;

    public int Count { get; } = count;
}

[GenerateSerializer, Alias("with-hidden-field")]
internal sealed class WithHiddenField : IOrderEvent
{
    [Id(0)] private int _hidden;

    [Id(1)] public string? Name { get; set; }

    public int Hidden => _hidden;

    public static WithHiddenField Of(string name, int hidden) => new() { Name = name, _hidden = hidden };
}

[GenerateSerializer, Alias("note-in-binary"), EventContent(ContentTypes.Orleans)]
internal sealed record NoteInBinary([property: Id(0)] string Text) : IOrderEvent;

[EventContent(ContentTypes.Orleans)]
internal sealed record BinaryThatOrleansDoesNotKnow(string Text) : IOrderEvent;

[GenerateSerializer, Alias("anything"), EventContent(ContentTypes.Json)]
internal sealed record AnythingInJson([property: Id(0)] object Value) : IOrderEvent;

[GenerateSerializer, Alias("anything-at-all")]
internal sealed record Anything([property: Id(0)] object Value) : IOrderEvent;

[GenerateSerializer, Alias("of-unknown-base")]
internal sealed record OfUnknownBase([property: Id(0)] string Name) : OrderChanged("Ada");

[GenerateSerializer, Alias("lost-of-unknown-base")]
internal sealed record LostOfUnknownBase([property: Id(0)] object Value) : OrderChanged("Ada");

internal sealed class LostField : IOrderEvent
{
    private int _count;

    public int Next() => ++_count;

    public static LostField Counted()
    {
        var one = new LostField();
        one.Next();
        return one;
    }
}

[GenerateSerializer, Alias("lost-with-way-out"), EventContent(ContentTypes.Json)]
internal sealed class LostWithWayOut : IOrderEvent
{
    [Id(0)] public object? Value { get; init; }
}

internal sealed record LostDeepInside(List<Dictionary<string, LostField[]>> Deep) : IOrderEvent;

internal sealed record LostSetter(Setterless Inner) : IOrderEvent;

internal sealed class Setterless
{
    public string Name { get; private set; } = "";

    public static Setterless Named(string name) => new() { Name = name };
}

internal sealed record LostDerived(Shape Shape) : IOrderEvent;

internal record Shape(string Colour);

internal sealed record Circle(string Colour, double Radius) : Shape(Colour);

internal sealed record LostInterface(IOrderEvent Inner) : IOrderEvent;

internal sealed class LostBesideElements : List<int>, IOrderEvent
{
    public string? Name { get; set; }
}

internal sealed record KnownDerived(Figure Figure) : IOrderEvent;

[JsonDerivedType(typeof(Square), "square")]
internal abstract record Figure;

internal sealed record Square(double Side) : Figure;

internal sealed class WithScratch : IOrderEvent
{
    [NonSerialized] private int _scratch;

    public string? Name { get; set; }

    [JsonIgnore]
    public string? Cached { get; set; }

    public int Scratch() => ++_scratch;
}

internal sealed class Unreadable : IOrderEvent
{
    public Unreadable(string name) => Name = name.Length > 3 ? throw new ArgumentException("Too long.") : name;

    public string Name { get; init; }
}

[Alias("granary.mine")]
internal sealed record ReservedName : IOrderEvent;

internal sealed record NotANumber(double Value) : IOrderEvent;

internal static class OneHouse
{
    internal sealed record Opened(string By) : IOrderEvent;
}
