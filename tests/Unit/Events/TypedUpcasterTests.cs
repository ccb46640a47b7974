using System.Text.Json.Nodes;
using Granary.Runtime;

namespace Granary.Tests.Unit.Events;

public sealed class TypedUpcasterTests
{
    private static readonly OrderPaid Paid = new("Ada", 5m);

    [Fact]
    public void An_old_class_becomes_the_new_one() => Assert.Equal(
        [Paid],
        Codecs.Of<IOrderEvent>(null, new FromCents())
            .Read(Codecs.Stored("order-settled", """{"who":"Ada","cents":500}""", 2)));

    [Fact]
    public void What_Orleans_codec_wrote_is_read_as_the_old_class()
    {
        var written = Codecs.Write<IOldEvent>(new SettledInBinary("Ada", 500));
        var codec = Codecs.Of<IOrderEvent>(null, new FromBinary());

        Assert.Equal(ContentTypes.Orleans, written.ContentType);
        Assert.Equal([Paid], codec.Read(Codecs.Stored(written)));
    }

    [Fact]
    public void Upcasters_of_classes_and_of_JSON_follow_one_another()
    {
        var codec = Codecs.Of<IOrderEvent>(null, new Older(), new FromEuros(), new FromCents());

        Assert.Equal([Paid], codec.Read(Codecs.Stored("order-settled", """{"euros":5}""", 0 + 1)));
        Assert.Equal([Paid], codec.Read(Codecs.Stored("order-made", """{"by":"Ada","euros":5}""")));
    }

    [Fact]
    public void An_object_is_handed_on_whole_although_JSON_would_lose_of_it()
    {
        var codec = Codecs.Of<IOrderEvent>(null, new ToHidden());

        var read = Assert.IsType<WithHiddenField>(
            Assert.Single(codec.Read(Codecs.Stored("order-hidden", """{"who":"Ada","cents":7}"""))));

        Assert.Equal(("Ada", 7), (read.Name, read.Hidden));
    }

    [Fact]
    public void What_a_class_cannot_be_read_from_fails_the_replay() => Codecs.AssertNotReplayed(
        Codecs.Of<IOrderEvent>(null, new FromCents()), Codecs.Stored("order-settled", "[]", 2));

    [Fact]
    public void What_JSON_would_lose_is_not_handed_to_an_upcaster_of_JSON()
    {
        var codec = Codecs.Of<IOrderEvent>(null, new ToStack(), new OnStack());

        var error = Codecs.AssertNotReplayed(codec, Codecs.Stored("order-piled", "{}"));

        Assert.Contains("Pile.Items", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void One_that_returns_null_fails_the_replay_and_the_next_one_is_not_called() => Assert.Contains(
        nameof(ToNull),
        Codecs.AssertNotReplayed(
            Codecs.Of<IOrderEvent>(null, new ToNull(), new FromCents()),
            Codecs.Stored("order-settled", """{"euros":5}""")).Message,
        StringComparison.Ordinal);

    internal interface IOldEvent;

    [Alias("order-settled"), SchemaVersion(2)]
    internal sealed record Settled(string Who, long Cents);

    [GenerateSerializer, Alias("settled-in-binary"), EventContent(ContentTypes.Orleans)]
    internal sealed record SettledInBinary([property: Id(0)] string Who, [property: Id(1)] long Cents) : IOldEvent;

    internal sealed record Euros(string? By, long Amount);

    [Alias("order-stacked")]
    internal sealed record Pile(Stack<int> Items);

    private sealed class FromCents() : Upcaster<Settled, OrderPaid>("order-settled", 2)
    {
        protected override OrderPaid Upcast(Settled old) => new(old.Who, old.Cents / 100m);
    }

    private sealed class FromBinary() : Upcaster<SettledInBinary, OrderPaid>("settled-in-binary", 1)
    {
        protected override OrderPaid Upcast(SettledInBinary old) => new(old.Who, old.Cents / 100m);
    }

    private sealed record InEuros(long Euros, string? By = null);

    private sealed class FromEuros() : Upcaster<InEuros, Settled>("order-settled", 1)
    {
        protected override Settled Upcast(InEuros old) => new(old.By ?? "Ada", old.Euros * 100);
    }

    private sealed class ToNull() : Upcaster<InEuros, Settled>("order-settled", 1)
    {
        protected override Settled Upcast(InEuros old) => null!;
    }

    private sealed class Older : IUpcaster
    {
        public string EventType => "order-made";

        public int SchemaVersion => 1;

        public IEnumerable<UpcastEvent> Upcast(UpcastEvent old) => [new("order-settled", 1, old.Payload)];
    }

    private sealed class ToHidden() : Upcaster<Settled, WithHiddenField>("order-hidden", 1)
    {
        protected override WithHiddenField Upcast(Settled old) => WithHiddenField.Of(old.Who, (int)old.Cents);
    }

    private sealed class ToStack() : Upcaster<JsonObject, Pile>("order-piled", 1)
    {
        protected override Pile Upcast(JsonObject old) => new(new Stack<int>([1, 2]));
    }

    private sealed class OnStack : IUpcaster
    {
        public string EventType => "order-stacked";

        public int SchemaVersion => 1;

        public IEnumerable<UpcastEvent> Upcast(UpcastEvent old) => [];
    }
}
