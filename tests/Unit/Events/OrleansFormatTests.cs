using Granary.Runtime;

namespace Granary.Tests.Unit.Events;

public sealed class OrleansFormatTests
{
    [Fact]
    public void An_event_is_read_after_its_class_was_renamed()
    {
        var old = Codecs.Write<IOrderEvent>(new NoteInBinary("hello"));
        var codec = Codecs.Of<IOrderEvent>(static events => events.AddEventType<RenamedNote>("note-before"));

        Assert.Equal(
            [new RenamedNote("hello")],
            codec.Read(Codecs.Stored("note-before", old.Payload, 1, ContentTypes.Orleans)));
        Assert.DoesNotContain(
            nameof(NoteInBinary), System.Text.Encoding.UTF8.GetString(old.Payload.Span), StringComparison.Ordinal);
        Assert.DoesNotContain(
            "note-in-binary", System.Text.Encoding.UTF8.GetString(old.Payload.Span), StringComparison.Ordinal);
    }

    [Fact]
    public void A_local_time_is_refused_by_its_member_in_this_format_too()
    {
        var local = new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Local);

        var error = Assert.Throws<EventNotEncodableException>(
            () => Codecs.Write<IOrderEvent>(new TimeInBinary([local])));

        Assert.Contains("TimeInBinary.Times[0] is a local time", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Where_a_value_has_no_codec_the_refusal_is_typed_and_names_the_type() => Assert.Contains(
        nameof(LostField),
        Assert.Throws<EventNotEncodableException>(
            static () => Codecs.Write<IOrderEvent>(new AnyInBinary(new LostField()))).Message,
        StringComparison.Ordinal);

    [Fact]
    public void Where_Orleans_has_no_codec_for_an_argument_of_the_type_JSON_is_used_and_a_refusal_is_typed()
    {
        static void Configure(GranaryEventOptions events) => events.AddEventType<Lossy.InBoth<Lossy.Figure>>();
        var codec = Codecs.Of<IOrderEvent>(Configure);

        Assert.Equal(
            ContentTypes.Json,
            codec.Encode(new Lossy.InBoth<Lossy.Figure>(new(1)), EventMetadata.Empty).ContentType);
        Assert.Throws<EventNotEncodableException>(
            () => codec.Encode(new Lossy.InBoth<Lossy.Figure>(new Lossy.Tall(1, 2)), EventMetadata.Empty));
    }

    [Fact]
    public void A_type_that_chooses_this_format_is_not_written_in_another_one() => Assert.Contains(
        "AnyInBinary.Value",
        Assert.Throws<EventNotEncodableException>(
            static () => Codecs.Write<IOrderEvent>(new AnyInBinary(new Lossy.WithMemberLeftOut(1)))).Message,
        StringComparison.Ordinal);

    [Fact]
    public void A_chain_that_would_overflow_the_stack_is_refused()
    {
        Chained? chain = null;
        for (var length = 0; length < 100_000; length++) chain = new Chained { Next = chain };

        var error = Assert.Throws<EventNotEncodableException>(() => Codecs.Write<IOrderEvent>(chain!));

        Assert.Contains("Chained...", error.Message, StringComparison.Ordinal);
        Assert.Contains("nested deeper than 256 levels", error.Message, StringComparison.Ordinal);
        Assert.True(error.Message.Length < 2_000);
    }

    [Fact]
    public void A_circle_is_kept_by_this_format_and_refused_in_JSON()
    {
        var circle = new Chained();
        circle.Next = circle;

        var read = Assert.IsType<Chained>(Codecs.RoundTrip<IOrderEvent>(circle));

        Assert.Same(read, read.Next);
        Assert.Throws<EventNotEncodableException>(() =>
        {
            var node = new Lossy.Node();
            node.Next = node;
            Codecs.Write<IOrderEvent>(node);
        });
    }

    [GenerateSerializer, Alias("chained")]
    internal sealed class Chained : IOrderEvent
    {
        [Id(0)] public Chained? Next { get; set; }
    }

    [GenerateSerializer, Alias("note-today"), EventContent(ContentTypes.Orleans)]
    internal sealed record RenamedNote([property: Id(0)] string Text) : IOrderEvent;

    [GenerateSerializer, Alias("time-in-binary"), EventContent(ContentTypes.Orleans)]
    internal sealed record TimeInBinary([property: Id(0)] DateTime[] Times) : IOrderEvent;

    [GenerateSerializer, Alias("any-in-binary"), EventContent(ContentTypes.Orleans)]
    internal sealed record AnyInBinary([property: Id(0)] object Value) : IOrderEvent;
}
