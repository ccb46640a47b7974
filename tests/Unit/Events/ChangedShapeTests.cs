using System.Text.Json;

namespace Granary.Tests.Unit.Events;

/// <summary>A class was changed after its events were stored, with the same schema version.</summary>
public sealed class ChangedShapeTests
{
    [Theory]
    [InlineData("""{"plate":"A","paid":5}""", "fee")]
    [InlineData("""{"plate":"A"}""", "fee")]
    [InlineData("""{"paid":5}""", "plate")]
    public void A_member_of_a_record_that_is_not_stored_fails_the_replay_and_is_named(string stored, string missing)
    {
        var error = Assert.Throws<ReplayFailedException>(
            () => Codecs.Of<ICarEvent>().Read(Codecs.Stored("car-left", stored)));

        Assert.Contains(missing, error.Message, StringComparison.Ordinal);
        Assert.IsType<JsonException>(error.InnerException);
    }

    [Fact]
    public void A_member_of_a_nested_record_is_missed_too() => Assert.Throws<ReplayFailedException>(
        () => Codecs.Of<ICarEvent>().Read(Codecs.Stored("car-parked", """{"at":{"level":1}}""")));

    [Fact]
    public void A_new_member_with_a_default_reads_what_was_stored_before() => Assert.Equal(
        [new CarEntered("A", "unknown", null)],
        Codecs.Of<ICarEvent>().Read(Codecs.Stored("car-entered", """{"plate":"A"}""")));

    [Fact]
    public void A_member_that_is_not_declared_any_more_is_passed_over() => Assert.Equal(
        [new CarLeft("A", 5)],
        Codecs.Of<ICarEvent>().Read(Codecs.Stored("car-left", """{"plate":"A","fee":5,"by":"card"}""")));

    internal interface ICarEvent;

    [Alias("car-entered")]
    internal sealed record CarEntered(string Plate, string Color = "unknown", string? Note = null) : ICarEvent;

    [Alias("car-left")]
    internal sealed record CarLeft(string Plate, decimal Fee) : ICarEvent;

    [Alias("car-parked")]
    internal sealed record CarParked(Slot At) : ICarEvent;

    internal sealed record Slot(int Level, int Number);
}
