using CsCheck;
using Granary.Runtime;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;

namespace Granary.Tests.Unit.Events;

public sealed class RandomEventTests
{
    private static readonly OrleansFormat Orleans = new(
        new ServiceCollection().AddSerializer().BuildServiceProvider().GetRequiredService<Serializer>());

    private static readonly JsonFormat Json = new(new GranaryEventOptions().Json);

    [Fact]
    public void An_event_is_refused_or_comes_back_as_it_was() => RandomEvents.Any.Sample(
        static @event =>
        {
            try
            {
                var shape = new EventShape(@event.GetType(), Json, Orleans, null);
                var payload = shape.Write(@event, new PayloadBuffer(), out var contentType).Payload;
                return RandomEvents.Describe(shape.Read(contentType, payload)) == RandomEvents.Describe(@event);
            }
            catch (EventNotEncodableException)
            {
                return true;
            }
        },
        iter: 500, threads: 1, print: RandomEvents.Describe);

    [Fact]
    public void What_is_proved_without_reading_it_back_comes_back_as_it_was()
    {
        var proved = 0;
        RandomEvents.Any.Sample(
            @event =>
            {
                var found = Json.SerializerOf(@event.GetType());
                if (found is not JsonPayloadSerializer { Doubt: null } serializer) return true;
                ReadOnlyMemory<byte> payload;
                try
                {
                    payload = serializer.Write(@event, new PayloadBuffer());
                }
                catch (ArgumentException)
                {
                    return true;
                }

                if (!serializer.IsProved(@event, payload.Span)) return true;
                proved++;
                return RandomEvents.Describe(serializer.Read(payload)) == RandomEvents.Describe(@event);
            },
            iter: 500, threads: 1, print: RandomEvents.Describe);

        Assert.True(proved > 40, $"Only {proved} events were proved: that checks nothing.");
    }

    [Fact]
    public void The_comparison_finds_what_differs_and_nothing_else() => Gen.Select(
        RandomEvents.Any, RandomEvents.Any).Sample(
        static (one, other) =>
            (ValueComparison.FirstDifference(one, other) is null)
            == (one.GetType() == other.GetType() && RandomEvents.Describe(one) == RandomEvents.Describe(other)
                && ValueComparison.FirstDifference(one, one) is null),
        iter: 200, threads: 1);
}
