using Granary.Contracts;
using Granary.Grains;
using Granary.Runtime;

namespace Granary.Tests.Unit.Events;

public sealed class CheckedEventCodecTests
{
    private readonly OwnCodec _own = new();

    private IEventCodec<string> Codec => new CheckedEventCodec<string>(_own);

    [Theory]
    [InlineData(EventTypes.Tombstone)]
    [InlineData(EventTypes.StreamCleared)]
    [InlineData(EventTypes.CommandAnswered)]
    public void Events_of_Granarys_own_never_reach_the_codec(string type) =>
        Assert.Empty(Codec.Read(Codecs.Stored(type, "{}")));

    [Fact]
    public void One_of_a_later_version_is_not_passed_over() =>
        Codecs.AssertNotReplayed(Codec, Codecs.Stored("granary.from-later", "{}"));

    [Fact]
    public void The_codecs_own_events_reach_it() => Assert.Equal(["note"], Codec.Read(Codecs.Stored("note", "{}")));

    [Fact]
    public void A_reserved_type_name_is_refused()
    {
        _own.Type = "granary.note";
        Assert.Throws<EventNotEncodableException>(() => Codec.Encode("a", EventMetadata.Empty));
    }

    [Fact]
    public void Reserved_metadata_that_the_codec_adds_is_refused_by_name()
    {
        _own.Metadata = EventMetadata.Of([new("granary.command", "1")]);

        var error = Assert.Throws<EventNotEncodableException>(() => Codec.Encode("a", EventMetadata.Empty));

        Assert.Contains("granary.command", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_the_codec_throws_is_the_cause_of_a_typed_error()
    {
        _own.Fault = new FormatException("odd");

        Assert.Same(
            _own.Fault,
            Assert.Throws<EventNotEncodableException>(() => Codec.Encode("a", EventMetadata.Empty)).InnerException);
        Assert.Same(_own.Fault, Codecs.AssertNotReplayed(Codec, Codecs.Stored("note", "{}")).InnerException);
    }

    // The name of this type of events is Granary's own, and no reason to refuse them.
    [Fact]
    public void What_the_codec_of_Granarys_own_streams_refuses_is_refused_for_its_reason()
    {
        var codec = new CheckedEventCodec<StreamEvent>(new StreamEventCodec(TimeProvider.System));

        var error = Assert.Throws<EventNotEncodableException>(
            () => codec.Encode(new StreamEvent("\ud800", null), EventMetadata.Empty));

        Assert.Contains("lone surrogate", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_callers_metadata_is_added_and_a_reserved_name_is_refused()
    {
        var captured = EventMetadata.Of([new("actor", "Ada")]);

        Assert.Equal(2, CallerMetadata.Add(captured, [new("tenant", "n")], typeof(string)).Pairs.Count);
        var error = Assert.Throws<EventNotEncodableException>(
            () => CallerMetadata.Add(captured, [new("granary.answer", "n")], typeof(OrderPlaced)));
        Assert.Equal("order-placed", error.EventType);
        Assert.Contains("granary.answer", error.Message, StringComparison.Ordinal);
    }

    private sealed class OwnCodec : IEventCodec<string>
    {
        public string Type { get; set; } = "note";

        public EventMetadata? Metadata { get; set; }

        public Exception? Fault { get; set; }

        public NewEvent Encode(string @event, EventMetadata metadata) => Fault is null
            ? new(Guid.CreateVersion7(Codecs.Now), Type, "{}"u8.ToArray()) { Metadata = Metadata ?? metadata }
            : throw Fault;

        public void Decode(RecordedEvent recorded, ICollection<string> into)
        {
            if (Fault is not null) throw Fault;
            into.Add(recorded.Type == "note" ? "note" : throw new InvalidOperationException(recorded.Type));
        }
    }
}
