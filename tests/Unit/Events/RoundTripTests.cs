using Granary.Runtime;

namespace Granary.Tests.Unit.Events;

/// <summary>An event is stored only if replay yields what was folded.</summary>
public sealed class RoundTripTests
{
    private static readonly Type[] Generics =
        [.. Lossy.Refused.Select(static row => row.Data.Item1.GetType())
            .Concat(Lossy.Kept.Concat(Lossy.KeptByOrleans).Select(static row => row.Data.GetType()))
            .Where(static type => type.IsGenericType).Distinct()];

    private static readonly Lazy<IEventCodec<IOrderEvent>> Writer =
        new(static () => Codecs.Of<IOrderEvent>(AddGenerics));

    private static readonly Lazy<IEventCodec<IOrderEvent>> Reader =
        new(static () => Codecs.Of<IOrderEvent>(AddGenerics));

    [Theory]
    [MemberData(nameof(Lossy.Refused), MemberType = typeof(Lossy))]
    public void What_JSON_does_not_keep_is_refused_by_its_member(object @event, string member, object? before)
    {
        if (before is not null) Writer.Value.Encode((IOrderEvent)before, EventMetadata.Empty);

        var error = Assert.Throws<EventNotEncodableException>(
            () => Writer.Value.Encode((IOrderEvent)@event, EventMetadata.Empty));

        Assert.True(error.Message.Contains(member, StringComparison.Ordinal), error.Message);
    }

    [Theory]
    [MemberData(nameof(Lossy.Kept), MemberType = typeof(Lossy))]
    public void What_JSON_keeps_comes_back_as_it_was(object @event) => AssertKept(@event, ContentTypes.Json);

    [Theory]
    [MemberData(nameof(Lossy.KeptByOrleans), MemberType = typeof(Lossy))]
    public void What_JSON_does_not_keep_and_Orleans_codec_does_is_written_by_that(object @event) =>
        AssertKept(@event, ContentTypes.Orleans);

    [Fact]
    public void A_member_that_Orleans_codec_leaves_out_is_refused_by_name() => Assert.Contains(
        "WithMemberLeftOut.leftOut",
        Assert.Throws<EventNotEncodableException>(
            static () => Codecs.Write<IOrderEvent>(new Lossy.WithMemberLeftOut(3))).Message,
        StringComparison.Ordinal);

    private static void AssertKept(object @event, string contentType)
    {
        var written = Writer.Value.Encode((IOrderEvent)@event, EventMetadata.Empty);

        Assert.Equal(contentType, written.ContentType);
        var read = Assert.Single(Reader.Value.Read(Codecs.Stored(written)));
        Assert.IsType(@event.GetType(), read);
        Assert.Equivalent(@event, read, strict: true);
    }

    private static void AddGenerics(GranaryEventOptions events)
    {
        var add = typeof(GranaryEventOptions).GetMethod(nameof(GranaryEventOptions.AddEventType))!;
        foreach (var type in Generics) add.MakeGenericMethod(type).Invoke(events, [Array.Empty<string>()]);
    }
}
