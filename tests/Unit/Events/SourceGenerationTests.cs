using System.Text;
using System.Text.Json.Serialization;
using Granary.Runtime;

namespace Granary.Tests.Unit.Events;

public sealed partial class SourceGenerationTests
{
    [Fact]
    public void Events_are_written_and_read_by_the_applications_own_generated_code()
    {
        IOrderEvent moved = new OrderMoved("Ada", new Uri("https://a.example/"), Codecs.Now, null);
        IOrderEvent placed = new OrderPlaced("Ada", 2m) { Lines = [new("pen", 1, ("a", 2))] };

        Assert.Equal(moved, Codecs.RoundTrip(moved, Configure));
        Assert.Equal(
            ((OrderPlaced)placed).Lines, Assert.IsType<OrderPlaced>(Codecs.RoundTrip(placed, Configure)).Lines);
        Assert.Equal(
            """{"amount":3,"by":"Ada"}""",
            Encoding.UTF8.GetString(Codecs.Of<IOrderEvent>(Configure)
                .Encode(new OrderPaid("Ada", 3m), EventMetadata.Empty).Payload.Span));
    }

    [Fact]
    public void What_the_generated_code_does_not_cover_goes_in_Orleans_binary_or_is_refused()
    {
        var codec = Codecs.Of<IOrderEvent>(Configure);

        Assert.Equal(ContentTypes.Orleans, codec.Encode(new Anything(1), EventMetadata.Empty).ContentType);
        Assert.Throws<EventNotEncodableException>(
            () => codec.Encode(new OneHouse.Opened("Ada"), EventMetadata.Empty));
    }

    private static void Configure(GranaryEventOptions events) => events.Json.TypeInfoResolver = Generated.Default;

    [JsonSerializable(typeof(OrderMoved))]
    [JsonSerializable(typeof(OrderPlaced))]
    [JsonSerializable(typeof(OrderPaid))]
    private sealed partial class Generated : JsonSerializerContext;
}
