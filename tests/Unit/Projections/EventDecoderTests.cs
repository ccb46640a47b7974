using System.Text.Json.Nodes;
using Granary.Runtime;
using Granary.Tests.Unit.Events;

namespace Granary.Tests.Unit.Projections;

/// <summary>What readers make of stored events: those of their types alone, strictly.</summary>
public sealed class EventDecoderTests
{
    [Fact]
    public void Events_of_other_types_and_reserved_ones_are_passed_over()
    {
        var decoder = Folding<Account>.Decoder();
        var types = decoder.TypesOf([typeof(Moved)]);
        Assert.Equal(["projected.deposited", "projected.withdrawn"], types.Keys.Order());
        Assert.Equal([new Deposited(3)], decoder.Decode(Stored("projected.deposited", """{"amount":3}"""), types));
        Assert.Empty(decoder.Decode(Stored("projected.opened", """{"owner":"ada"}"""), types));
        Assert.Empty(decoder.Decode(Stored("nobody.knows", "no JSON"), types));
        Assert.Empty(decoder.Decode(Stored(EventTypes.Tombstone, ""), types));
        Assert.Empty(decoder.Decode(Stored(EventTypes.StreamCleared, ""), types));
    }

    [Fact]
    public void Upcasters_run_and_what_they_make_of_other_types_is_passed_over()
    {
        var decoder = Folding<Account>.Decoder(
            new Upcaster("old.moved", static old =>
            [
                new UpcastEvent("projected.deposited", 1, new JsonObject { ["amount"] = 1 }),
                new UpcastEvent("projected.opened", 1, new JsonObject { ["owner"] = "ada" }),
                new UpcastEvent("projected.withdrawn", 1, new JsonObject { ["amount"] = 2 }),
            ]),
            new Upcaster("old.gone", static _ => []));
        var types = decoder.TypesOf([typeof(Moved)]);
        Assert.Equal<object>(
            [new Deposited(1), new Withdrawn(2)], decoder.Decode(Stored("old.moved", "{}"), types));
        Assert.Empty(decoder.Decode(Stored("old.gone", "{}"), types));
    }

    [Theory]
    [InlineData("{", 1, ContentTypes.Json)]
    [InlineData("null", 1, ContentTypes.Json)]
    [InlineData("""{"amount":3}""", 2, ContentTypes.Json)]
    [InlineData("""{"amount":3}""", 1, "text/plain")]
    public void An_event_of_a_type_that_is_taken_and_cannot_be_read_is_an_error_that_names_it(
        string payload, int schemaVersion, string contentType)
    {
        var decoder = Folding<Account>.Decoder();
        var recorded = Codecs.Stored("projected.deposited", payload, schemaVersion, contentType);
        var error = Assert.Throws<ReplayFailedException>(
            () => decoder.Decode(recorded, decoder.TypesOf([typeof(Moved)])));
        Assert.Equal((recorded.Position, recorded.Type), (error.Position, error.EventType));
    }

    [Fact]
    public void A_name_that_stands_for_types_of_two_bases_is_refused()
    {
        var decoder = Folding<Account>.Decoder(static options => options.AddEventType<Deposited>("projected.opened"));
        var error = Assert.Throws<InvalidOperationException>(
            () => decoder.TypesOf([typeof(Opened), typeof(Deposited)]));
        Assert.Contains("projected.opened", error.Message, StringComparison.Ordinal);
        Assert.Equal(2, Folding<Account>.Decoder().TypesOf([typeof(Moved), typeof(IMoved)]).Count);
    }

    private static RecordedEvent Stored(string type, string json) => Codecs.Stored(type, json);
}
