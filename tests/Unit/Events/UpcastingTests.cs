using System.Text;
using System.Text.Json.Nodes;
using Granary.Runtime;
using Granary.Testing;

namespace Granary.Tests.Unit.Events;

public sealed class UpcastingTests
{
    private static readonly OrderPaid Paid = new("Ada", 5m);

    [Fact]
    public void An_old_shape_is_renamed_and_reshaped_and_what_is_stored_stays()
    {
        var bytes = Encoding.UTF8.GetBytes("""{"who":"Ada","cents":500}""");
        var kept = bytes.ToArray();
        var codec = Codecs.Of<IOrderEvent>(null, Step("order-settled", 1, static old =>
        {
            old.Payload["by"] = old.Payload["who"]!.DeepClone();
            old.Payload["amount"] = old.Payload["cents"]!.GetValue<decimal>() / 100;
            old.Payload.Remove("who");
            return [new(typeof(OrderPaid).FullName!, 3, old.Payload)];
        }));

        Assert.Equal([Paid], codec.Read(Codecs.Stored("order-settled", bytes, 1, ContentTypes.Json)));
        Assert.Equal(kept, bytes);
    }

    [Fact]
    public void Upcasters_follow_one_another_to_the_shape_of_today()
    {
        var codec = Codecs.Of<IOrderEvent>(
            null,
            Step("order-settled", 1, static old => [new("order-paid", 1, old.Payload)]),
            Step("order-paid", 1, static old => [old with { SchemaVersion = 2 }]),
            Step("order-paid", 2, static old => [new(typeof(OrderPaid).FullName!, 3, old.Payload)]));

        foreach (var (name, version) in new[] { ("order-settled", 1), ("order-paid", 1), ("order-paid", 2) })
            Assert.Equal([Paid], codec.Read(Codecs.Stored(name, """{"by":"Ada","amount":5}""", version)));
    }

    [Fact]
    public void An_old_shape_between_events_of_today_under_the_same_name_is_still_upcast()
    {
        var name = typeof(OrderPaid).FullName!;
        var codec = Codecs.Of<IOrderEvent>(null, Step(name, 2, static old =>
        {
            old.Payload["by"] = old.Payload["who"]!.DeepClone();
            return [old with { SchemaVersion = 3 }];
        }));

        foreach (var (version, by) in new[] { (3, "by"), (2, "who"), (3, "by"), (2, "who") })
            Assert.Equal([Paid], codec.Read(Codecs.Stored(name, $$"""{"{{by}}":"Ada","amount":5}""", version)));
    }

    [Fact]
    public void One_is_split_into_several_in_their_order_and_each_is_upcast_further()
    {
        var codec = Codecs.Of<IOrderEvent>(
            null,
            Step("all-paid", 1, static old => old.Payload["by"]!.AsArray()
                .Select(static by => new UpcastEvent(
                    "paid", 1, new JsonObject { ["by"] = by!.DeepClone(), ["amount"] = 0 }))),
            Step("paid", 1, static old =>
            [
                new(typeof(OrderPaid).FullName!, 3, old.Payload),
                new(typeof(OneHouse.Opened).FullName!, 1, (JsonObject)old.Payload.DeepClone()),
            ]));

        Assert.Equal<IOrderEvent>(
            [new OrderPaid("a", 0), new OneHouse.Opened("a"), new OrderPaid("b", 0), new OneHouse.Opened("b")],
            codec.Read(Codecs.Stored("all-paid", """{"by":["a","b"]}""")));
    }

    [Fact]
    public void Two_events_with_one_payload_are_changed_in_place_each_on_its_own()
    {
        var codec = Codecs.Of<IOrderEvent>(
            null,
            Step("paid-twice", 1, static old => [new("paid-cents", 1, old.Payload), new("paid-cents", 1, old.Payload)]),
            Step("paid-cents", 1, static old =>
            {
                old.Payload["amount"] = old.Payload["amount"]!.GetValue<decimal>() * 100;
                return [new(typeof(OrderPaid).FullName!, 3, old.Payload)];
            }));

        Assert.Equal<IOrderEvent>(
            [new OrderPaid("Ada", 500m), new OrderPaid("Ada", 500m)],
            codec.Read(Codecs.Stored("paid-twice", """{"by":"Ada","amount":5}""")));
    }

    [Fact]
    public void A_payload_that_is_changed_between_two_events_is_each_events_own()
    {
        var codec = Codecs.Of<IOrderEvent>(null, Step("paid-by-two", 1, Split));

        Assert.Equal<IOrderEvent>(
            [new OrderPaid("Ada", 5m), new OrderPaid("Bob", 5m)],
            codec.Read(Codecs.Stored("paid-by-two", """{"by":"Ada","second":"Bob","amount":5}""")));

        static IEnumerable<UpcastEvent> Split(UpcastEvent old)
        {
            var paid = old with { Type = typeof(OrderPaid).FullName!, SchemaVersion = 3 };
            yield return paid;
            old.Payload["by"] = old.Payload["second"]!.DeepClone();
            yield return paid;
        }
    }

    [Fact]
    public void A_part_of_a_payload_that_becomes_an_event_is_its_own()
    {
        var codec = Codecs.Of<IOrderEvent>(
            null,
            Step("opened-and-paid", 1, static old =>
            [
                new("paid-in", 1, old.Payload),
                new(typeof(OneHouse.Opened).FullName!, 1, old.Payload["house"]!.AsObject()),
            ]),
            Step("paid-in", 1, static old =>
            {
                old.Payload["house"]!["by"] = "changed";
                return [new(typeof(OrderPaid).FullName!, 3, old.Payload)];
            }));

        Assert.Equal<IOrderEvent>(
            [new OrderPaid("Ada", 5m), new OneHouse.Opened("a")],
            codec.Read(Codecs.Stored("opened-and-paid", """{"by":"Ada","amount":5,"house":{"by":"a"}}""")));
    }

    [Fact]
    public void A_payload_that_an_upcaster_keeps_is_not_changed_by_the_next()
    {
        var kept = new JsonObject { ["who"] = "Ada", ["amount"] = 5 };
        var codec = Codecs.Of<IOrderEvent>(
            null,
            Step("settled", 1, _ => [new("settled", 2, kept)]),
            Step("settled", 2, static old =>
            {
                old.Payload["by"] = old.Payload["who"]!.DeepClone();
                old.Payload.Remove("who");
                return [new(typeof(OrderPaid).FullName!, 3, old.Payload)];
            }));

        for (var read = 0; read < 2; read++) Assert.Equal([Paid], codec.Read(Codecs.Stored("settled", "{}")));
    }

    [Fact]
    public void One_may_be_split_into_more_than_a_chain_is_long()
    {
        var codec = Codecs.Of<IOrderEvent>(null, Step("many", 1, static old => Enumerable.Range(0, 1_000)
            .Select(static number => new UpcastEvent(
                typeof(OrderPaid).FullName!, 3, new JsonObject { ["by"] = "Ada", ["amount"] = number }))));

        Assert.Equal(
            Enumerable.Range(0, 1_000).Select(static number => new OrderPaid("Ada", number)),
            codec.Read(Codecs.Stored("many", "{}")));
    }

    [Fact]
    public void One_is_dropped() => Assert.Empty(
        Codecs.Of<IOrderEvent>(null, Step("noise", 1, static _ => [])).Read(Codecs.Stored("noise", "{}")));

    [Fact]
    public void A_circle_is_an_error_also_where_it_yields_events_meanwhile()
    {
        var direct = Codecs.Of<IOrderEvent>(null, Step("a", 1, static old => [old]));
        var wide = Codecs.Of<IOrderEvent>(
            null,
            Step("a", 1, static old => [new(typeof(OrderPaid).FullName!, 3, new()), old with { Type = "b" }]),
            Step("b", 1, static old => [old with { Type = "a" }, old with { Type = "a" }]));
        var endless = Codecs.Of<IOrderEvent>(null, Step("a", 1, static _ => Forever()));

        Assert.Contains("circle", Fails(direct), StringComparison.Ordinal);
        Assert.Contains("circle", Fails(wide), StringComparison.Ordinal);
        Assert.Contains("10000", Fails(endless), StringComparison.Ordinal);

        static string Fails(IEventCodec<IOrderEvent> codec) =>
            Codecs.AssertNotReplayed(codec, Codecs.Stored("a", "{}")).Message;

        static IEnumerable<UpcastEvent> Forever()
        {
            while (true) yield return new("c", 1, []);
        }
    }

    [Fact]
    public void An_upcaster_that_fails_fails_the_replay_with_its_own_error()
    {
        var fault = new FormatException("No such colour.");
        var codec = Codecs.Of<IOrderEvent>(null, Step("a", 1, _ => throw fault));

        var error = Codecs.AssertNotReplayed(codec, Codecs.Stored("a", "{}"));

        Assert.Same(fault, error.InnerException);
        Assert.Contains(fault.Message, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[1]", ContentTypes.Json)]
    [InlineData("{", ContentTypes.Json)]
    [InlineData("{}", ContentTypes.Orleans)]
    public void A_payload_that_is_no_JSON_object_cannot_be_upcast(string payload, string contentType) =>
        Codecs.AssertNotReplayed(
            Codecs.Of<IOrderEvent>(null, Step("a", 1, static _ => [])),
            Codecs.Stored("a", payload, 1, contentType));

    [Fact]
    public void What_an_upcaster_returns_must_be_known_like_what_is_stored()
    {
        string[] names = ["unknown", null!, typeof(OrderPaid).FullName!];
        foreach (var name in names)
        {
            var codec = Codecs.Of<IOrderEvent>(null, Step("a", 1, old => [new(name, 1, old.Payload)]));
            Codecs.AssertNotReplayed(codec, Codecs.Stored("a", "{}"));
        }

        var empty = Codecs.Of<IOrderEvent>(null, Step("a", 1, static _ => [null!]));
        Codecs.AssertNotReplayed(empty, Codecs.Stored("a", "{}"));
    }

    [Fact]
    public void An_event_that_an_upcaster_would_change_cannot_be_raised()
    {
        var codec = Codecs.Of<IOrderEvent>(null, Step("order-placed", 1, static _ => []));

        var error = Assert.Throws<EventNotEncodableException>(
            () => codec.Encode(new OrderPlaced("Ada", 1m), EventMetadata.Empty));
        Assert.Contains("[SchemaVersion]", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_upcasters_for_one_shape_are_refused() => Assert.Contains(
        "order-settled, schema 1",
        Assert.Throws<InvalidOperationException>(static () => new Upcasting([new Settled(), new Settled()])).Message,
        StringComparison.Ordinal);

    [Fact]
    public async Task Two_upcasters_for_one_shape_stop_the_start_of_the_silo()
    {
        var error = await Assert.ThrowsAnyAsync<Exception>(static () => GranaryTestCluster.StartAsync(new()
        {
            Configure = static (_, granary) => granary.AddUpcaster<Settled>().AddUpcaster<Settled>(),
        }));

        Assert.Contains("Two upcasters take event type order-settled", error.ToString(), StringComparison.Ordinal);
    }

    private static StepUpcaster Step(
        string type, int schemaVersion, Func<UpcastEvent, IEnumerable<UpcastEvent>> upcast) =>
        new(type, schemaVersion, upcast);

    private sealed class StepUpcaster(
        string type, int schemaVersion, Func<UpcastEvent, IEnumerable<UpcastEvent>> upcast) : IUpcaster
    {
        public string EventType => type;

        public int SchemaVersion => schemaVersion;

        public IEnumerable<UpcastEvent> Upcast(UpcastEvent old) => upcast(old);
    }

    private sealed class Settled : IUpcaster
    {
        public string EventType => "order-settled";

        public int SchemaVersion => 1;

        public IEnumerable<UpcastEvent> Upcast(UpcastEvent old) => [old with { SchemaVersion = 2 }];
    }
}
