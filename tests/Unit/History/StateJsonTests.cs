using System.Text;
using Granary.Runtime;

namespace Granary.Tests.Unit.History;

public sealed class StateJsonTests
{
    [Fact]
    public void A_state_is_shown_in_camelCase_with_its_fields_and_names_of_enums() => Assert.Equal(
        """{"amount":1.50,"kind":"half-open","ratio":"NaN","self":null,"count":2}""",
        Text(new Shown { Amount = 1.50m, Kind = Kind.HalfOpen, Count = 2, Ratio = double.NaN }));

    [Fact]
    public void A_state_that_holds_itself_ends()
    {
        var shown = new Shown();
        shown.Self = shown;
        Assert.Contains("\"self\":null", Text(shown), StringComparison.Ordinal);
    }

    [Fact]
    public void A_state_that_writes_its_own_JSON_is_shown_so() => Assert.Equal("[1]", Text(new Own()));

    [Fact]
    public void A_state_that_cannot_be_shown_fails_with_its_type()
    {
        var error = Assert.Throws<StateNotShownException>(() => StateJson.Of(new Throwing()));
        Assert.Contains("Throwing", error.StateType);
        Assert.Throws<StateNotShownException>(() => StateJson.Of(new Odd()));
    }

    private static string Text(object state) => Encoding.UTF8.GetString(StateJson.Of(state));

    private enum Kind
    {
        Open,
        HalfOpen,
    }

    private sealed class Shown
    {
        public decimal Amount { get; init; }

        public Kind Kind { get; init; }

        public int Count;

        public double Ratio { get; init; }

        public Shown? Self { get; set; }
    }

    private sealed class Own : IJsonState
    {
        public ReadOnlyMemory<byte> ToJson() => "[1]"u8.ToArray();
    }

    private sealed class Throwing
    {
        public int Value => throw new FormatException("On purpose.");
    }

    private sealed class Odd
    {
        public Dictionary<object, int> ByObject { get; } = new() { [new Own()] = 1 };
    }
}
