using System.Text;
using System.Text.Json;
using Granary.Runtime;

namespace Granary.Tests.Unit.Events;

public sealed class EventCodecTests
{
    [Fact]
    public void A_record_is_written_as_camel_case_JSON_under_its_alias_and_comes_back()
    {
        var placed = new OrderPlaced("Ada", 12.50m) { Lines = [new("pen", 2, ("red", 7))] };
        var written = Codecs.Write<IOrderEvent>(placed);

        Assert.Equal(("order-placed", 1, ContentTypes.Json),
            (written.Type, written.SchemaVersion, written.ContentType));
        Assert.Equal(
            """{"customer":"Ada","total":12.50,"lines":[{"article":"pen","count":2,"""
                + "\"tag\":{\"item1\":\"red\",\"item2\":7}}]}",
            Encoding.UTF8.GetString(written.Payload.Span));
        var read = Assert.IsType<OrderPlaced>(Codecs.RoundTrip<IOrderEvent>(placed));
        Assert.Equal(placed.Lines, read.Lines);
        Assert.Equal(placed with { Lines = read.Lines }, read);
    }

    [Fact]
    public void A_derived_event_is_found_under_its_full_name_and_its_base_comes_back_with_it()
    {
        var moved = new OrderMoved("Ada", new Uri("https://a.example/b"), Codecs.Now, Guid.CreateVersion7(Codecs.Now));

        Assert.Equal("Granary.Tests.Unit.Events.OrderMoved", Codecs.Write<IOrderEvent>(moved).Type);
        Assert.Equal(moved, Codecs.RoundTrip<IOrderEvent>(moved));
        Assert.Equal(moved, Codecs.RoundTrip<OrderChanged>(moved));
        Assert.Equal(moved, Codecs.RoundTrip<object>(moved));
    }

    [Fact]
    public void Setters_fields_and_constructors_that_JSON_supports_restore_everything()
    {
        Assert.Equal("Ada", RoundTrip(WithPrivateSetter.Of("Ada")).Name);
        Assert.Equal("Ada", RoundTrip(new WithPublicField { Name = "Ada" }).Name);
        Assert.Equal("Ada", RoundTrip(new WithBackingField { Name = "Ada" }).Name);
        Assert.Equal(("Ada", 3), (RoundTrip(new WithConstructor("Ada", 3)).Name, 3));
        Assert.Equal(3, RoundTrip(new WithConstructor("Ada", 3)).Count);
        Assert.Equal("Ada", RoundTrip(new WithScratch { Name = "Ada" }).Name);
        Assert.Equal(new OfUnknownBase("Eve"), RoundTrip(new OfUnknownBase("Eve")));
        Assert.Equal(new Square(2), RoundTrip(new KnownDerived(new Square(2))).Figure);

        static TEvent RoundTrip<TEvent>(TEvent @event)
            where TEvent : class, IOrderEvent
        {
            Assert.Equal(ContentTypes.Json, Codecs.Write<IOrderEvent>(@event).ContentType);
            return Assert.IsType<TEvent>(Codecs.RoundTrip<IOrderEvent>(@event));
        }
    }

    [Fact]
    public void An_event_has_its_time_in_its_id_and_carries_its_schema_version_and_metadata()
    {
        var metadata = EventMetadata.Of([new("actor", "Ada")]);
        var written = Codecs.Of<IOrderEvent>().Encode(new OrderPaid("Ada", 1m), metadata);

        Assert.Equal(7, written.Id.Version);
        Assert.Equal(
            Codecs.Now.ToUnixTimeMilliseconds(),
            Convert.ToInt64(written.Id.ToString("N")[..12], 16));
        Assert.Equal(3, written.SchemaVersion);
        Assert.Same(metadata, written.Metadata);
    }

    [Fact]
    public void A_type_chosen_for_Orleans_binary_is_written_so_beside_JSON()
    {
        var codec = Codecs.Of<IOrderEvent>();
        var binary = codec.Encode(new NoteInBinary("hello"), EventMetadata.Empty);
        var json = Codecs.Stored("note-in-binary", """{"text":"older"}""");

        Assert.Equal(ContentTypes.Orleans, binary.ContentType);
        Assert.Equal([new NoteInBinary("hello")], codec.Read(Codecs.Stored(binary)));
        Assert.Equal([new NoteInBinary("older")], codec.Read(json));
    }

    [Fact]
    public void Where_JSON_would_lose_something_Orleans_binary_carries_it()
    {
        var written = Codecs.Write<IOrderEvent>(WithHiddenField.Of("Ada", 7));
        var read = Assert.IsType<WithHiddenField>(Codecs.RoundTrip<IOrderEvent>(WithHiddenField.Of("Ada", 7)));

        Assert.Equal(ContentTypes.Orleans, written.ContentType);
        Assert.Equal(("Ada", 7), (read.Name, read.Hidden));
        Assert.Equal(new Anything(42), Codecs.RoundTrip<IOrderEvent>(new Anything(42)));
    }

    public static TheoryData<object, string> Lossy => new()
    {
        { LostField.Counted(), "LostField._count comes back" },
        { new LostDeepInside([new() { ["a"] = [LostField.Counted()] }]), "LostDeepInside.Deep[0][0].value[0]._count" },
        { new LostSetter(Setterless.Named("Ada")), "LostSetter.Inner.Name comes back" },
        { new LostDerived(new Circle("red", 2)), "LostDerived.Shape is a " },
        { new LostInterface(new OrderPlaced("Ada", 1m)), "IOrderEvent" },
        { new LostBesideElements { Name = "Ada" }, "LostBesideElements.Name comes back as null" },
        { new AnythingInJson(1), "AnythingInJson.Value is a System.Int32" },
        { new LostOfUnknownBase(1), "LostOfUnknownBase.Value is a System.Int32" },
        { new LostWithWayOut { Value = 1 }, "[EventContent(ContentTypes.Orleans)]" },
        { LostField.Counted(), "[GenerateSerializer]" },
        { new BinaryThatOrleansDoesNotKnow("a"), "[GenerateSerializer]" },
        { new ReservedName(), "granary." },
        { new NotANumber(double.NaN), "infinity" },
        { new OrderValueSet<int>("a", 1), "AddEventType" },
    };

    [Theory]
    [MemberData(nameof(Lossy))]
    public void What_would_not_come_back_as_it_was_is_refused_with_the_reason(object @event, string reason)
    {
        var error = Assert.Throws<EventNotEncodableException>(() => Codecs.Write((IOrderEvent)@event));

        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.Contains(error.EventType, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_first_event_of_a_type_must_be_readable_before_one_is_stored()
    {
        var codec = Codecs.Of<IOrderEvent>();
        var broken = new Unreadable("Ada") { Name = "Ada Lovelace" };

        var error = Assert.Throws<EventNotEncodableException>(() => codec.Encode(broken, EventMetadata.Empty));
        Assert.Contains("Too long.", error.Message, StringComparison.Ordinal);
        Assert.NotNull(codec.Encode(new Unreadable("Ada"), EventMetadata.Empty));
    }

    [Fact]
    public void What_Granary_writes_for_itself_is_none_of_the_grains_events()
    {
        var codec = Codecs.Of<IOrderEvent>();

        Assert.Empty(codec.Read(Codecs.Stored(EventTypes.Tombstone, "")));
        Assert.Empty(codec.Read(Codecs.Stored(EventTypes.CommandAnswered, "{}")));
    }

    [Theory]
    [InlineData("order-vanished", "{}", 1, ContentTypes.Json, "No event type is known")]
    [InlineData("order-placed", "{}", 2, ContentTypes.Json, "is known in schema 1, and no upcaster takes schema 2")]
    [InlineData("order-placed", "{\"customer\":", 1, ContentTypes.Json, "cannot be read")]
    [InlineData("order-placed", "{\"total\":\"much\"}", 1, ContentTypes.Json, "cannot be read")]
    [InlineData("order-placed", "null", 1, ContentTypes.Json, "null")]
    [InlineData("order-placed", "", 1, ContentTypes.Json, "cannot be read")]
    [InlineData("order-placed", "{}", 1, "text/xml", "Content type text/xml is not known")]
    [InlineData("note-in-binary", "no binary at all", 1, ContentTypes.Orleans, "cannot be read")]
    [InlineData("granary.mine", "{}", 1, ContentTypes.Json, "No event type is known")]
    [InlineData("granary.unheard-of", "{}", 1, ContentTypes.Json, "No event type is known")]
    [InlineData("Granary.Tests.Unit.Events.LostInterface", "{\"inner\":{}}", 1, ContentTypes.Json, "cannot be read")]
    public void What_cannot_be_read_fails_with_its_position_and_is_never_skipped(
        string type, string payload, int schemaVersion, string contentType, string reason)
    {
        var recorded = Codecs.Stored(type, payload, schemaVersion, contentType);

        var error = Codecs.AssertNotReplayed(Codecs.Of<IOrderEvent>(), recorded);

        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_type_that_could_not_be_written_any_more_is_still_read()
    {
        var read = Codecs.Of<IOrderEvent>().Read(
            Codecs.Stored(typeof(LostSetter).FullName!, """{"inner":{"name":"Ada"}}"""));

        Assert.IsType<LostSetter>(Assert.Single(read));
    }

    [Fact]
    public void An_event_of_a_MiB_is_accepted_and_of_a_byte_more_refused()
    {
        var frame = JsonSerializer.SerializeToUtf8Bytes(new OneHouse.Opened(""), JsonSerializerOptions.Web).Length;
        var largest = new OneHouse.Opened(new string('x', GranaryLimits.EventSizeMax - frame));

        Assert.Equal(GranaryLimits.EventSizeMax, Codecs.Write<IOrderEvent>(largest).Payload.Length);
        var error = Assert.Throws<LimitExceededException>(
            () => Codecs.Write<IOrderEvent>(new OneHouse.Opened(largest.By + "x")));
        Assert.Equal((1_048_577, 1_048_576), (error.Actual, error.Allowed));
    }

    [Fact]
    public void Whether_an_event_may_be_shared_depends_on_its_own_type()
    {
        var codec = Codecs.Of<IOrderEvent>();

        Assert.True(codec.IsShareable(new OrderPaid("Ada", 1m)));
        Assert.False(codec.IsShareable(new OrderPlaced("Ada", 1m)));
        Assert.False(codec.IsShareable(WithPrivateSetter.Of("Ada")));
    }

    [Fact]
    public void A_codec_without_IsShareable_has_its_events_decoded_again()
    {
        IEventCodec<OrderPaid> silent = new SilentCodec();

        Assert.False(silent.IsShareable(new OrderPaid("Ada", 1m)));
    }

    private sealed class SilentCodec : IEventCodec<OrderPaid>
    {
        public NewEvent Encode(OrderPaid @event, EventMetadata metadata) => throw new NotSupportedException();

        public void Decode(RecordedEvent recorded, ICollection<OrderPaid> into) => throw new NotSupportedException();
    }
}
