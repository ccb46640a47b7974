using Granary.Runtime;

namespace Granary.Tests.Unit.Events;

public sealed class EventNameTests
{
    [Fact]
    public void An_event_stored_under_a_name_that_its_type_had_before_is_read_as_the_type()
    {
        var codec = Codecs.Of<IOrderEvent>(
            static events => events.AddEventType<OrderPlaced>("order-made", "OrderMade"));

        Assert.Equal("Ada", Read("order-made"));
        Assert.Equal("Ada", Read("OrderMade"));
        Assert.Equal("Ada", Read("order-placed"));
        Assert.Equal("order-placed", codec.Encode(new OrderPlaced("Ada", 1m), EventMetadata.Empty).Type);

        string Read(string name) => Assert.IsType<OrderPlaced>(Assert.Single(
            codec.Read(Codecs.Stored(name, """{"customer":"Ada","total":1}""")))).Customer;
    }

    [Fact]
    public void A_closed_generic_is_an_event_once_it_is_named_and_its_name_holds_no_assembly()
    {
        static void Configure(GranaryEventOptions events) => events
            .AddEventType<OrderValueSet<int>>().AddEventType<OrderValueSet<List<string>>>();
        IOrderEvent number = new OrderValueSet<int>("a", 1);

        Assert.Equal(
            "Granary.Tests.Unit.Events.OrderValueSet`1[[System.Int32]]",
            Codecs.Of<IOrderEvent>(Configure).Encode(number, EventMetadata.Empty).Type);
        Assert.Equal(
            "Granary.Tests.Unit.Events.OrderValueSet`1[[System.Collections.Generic.List`1[[System.String]]]]",
            EventTypeNames.Of(typeof(OrderValueSet<List<string>>)));
        Assert.Equal(number, Codecs.RoundTrip(number, Configure));
        Assert.Equal(
            ["x"],
            Assert.IsType<OrderValueSet<List<string>>>(
                Codecs.RoundTrip<IOrderEvent>(new OrderValueSet<List<string>>("a", ["x"]), Configure)).Value);
    }

    [Theory]
    [InlineData("")]
    [InlineData("granary.tombstone")]
    public void A_name_that_cannot_be_is_refused_when_it_is_given(string name) =>
        Assert.Throws<ArgumentException>(() => new GranaryEventOptions().AddEventType<OrderPlaced>(name));

    [Fact]
    public void One_name_for_two_types_is_refused_and_names_both()
    {
        var events = new GranaryEventOptions().AddEventType<OrderPlaced>("made");
        events.AddEventType<OrderPlaced>("made");

        var given = Assert.Throws<ArgumentException>(() => events.AddEventType<OrderPaid>("made"));
        var taken = Assert.Throws<InvalidOperationException>(() => Codecs
            .Of<IOrderEvent>(static options => options.AddEventType<OrderPaid>("order-placed"))
            .Encode(new OrderPaid("Ada", 1m), EventMetadata.Empty));

        Assert.Contains(nameof(OrderPlaced), given.Message, StringComparison.Ordinal);
        Assert.Contains(nameof(OrderPaid), taken.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_type_outside_of_the_base_types_events_is_not_made_of_a_stored_name() =>
        Codecs.AssertNotReplayed(Codecs.Of<OrderChanged>(), Codecs.Stored("order-placed", "{}"));

    [Fact]
    public void A_name_of_512_characters_is_accepted_and_of_one_more_refused()
    {
        var longest = new string('n', GranaryLimits.EventTypeLengthMax);

        Assert.Equal(longest, new NewEvent(Guid.CreateVersion7(Codecs.Now), longest, default).Type);
        Assert.Equal(513, Assert.Throws<LimitExceededException>(
            () => new NewEvent(Guid.CreateVersion7(Codecs.Now), longest + "n", default)).Actual);
    }

    [Fact]
    public void Versions_of_a_shape_count_from_1_and_content_types_are_those_that_can_be_written()
    {
        Assert.Throws<ArgumentOutOfRangeException>(static () => new SchemaVersionAttribute(0));
        Assert.Throws<ArgumentException>(static () => new EventContentAttribute("text/xml"));
    }
}
