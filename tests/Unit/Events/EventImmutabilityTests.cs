using Granary.Runtime;

namespace Granary.Tests.Unit.Events;

public sealed class EventImmutabilityTests
{
    [Theory]
    [InlineData(typeof(Paid))]
    [InlineData(typeof(PaidInFull))]
    [InlineData(typeof(Everything))]
    [InlineData(typeof(GetterOnly))]
    [InlineData(typeof(Linked))]
    [InlineData(typeof(WithStructs))]
    [InlineData(typeof(SaidToBeImmutable))]
    [InlineData(typeof(Pair<string, int>))]
    [InlineData(typeof(Nothing))]
    [InlineData(typeof(string))]
    public void An_event_that_cannot_be_changed_is_shareable(Type type) =>
        Assert.True(EventImmutability.IsShareable(type));

    [Theory]
    [InlineData(typeof(Settable))]
    [InlineData(typeof(PrivatelySettable))]
    [InlineData(typeof(OpenField))]
    [InlineData(typeof(HiddenField))]
    [InlineData(typeof(OfMutableBase))]
    [InlineData(typeof(OfMutableMember))]
    [InlineData(typeof(WithArray))]
    [InlineData(typeof(WithList))]
    [InlineData(typeof(WithReadOnlyList))]
    [InlineData(typeof(WithOpenMember))]
    [InlineData(typeof(WithObject))]
    [InlineData(typeof(WithArrayInStruct))]
    [InlineData(typeof(OfImmutableBase))]
    [InlineData(typeof(Pair<string, byte[]>))]
    [InlineData(typeof(AlmostLinked))]
    [InlineData(typeof(byte[]))]
    [InlineData(typeof(IComparable))]
    public void An_event_that_can_be_changed_is_not(Type type) =>
        Assert.False(EventImmutability.IsShareable(type));

    private enum Colour;

    private readonly record struct Money(decimal Amount, string Currency);

    private record Paid(decimal Amount, Uri? Receipt);

    private sealed record PaidInFull(decimal Amount, Guid By) : Paid(Amount, null);

    private sealed record Nothing;

    private sealed record Everything(
        bool A, byte B, char C, short D, int E, long F, float G, double H, decimal I, string J)
    {
        public Guid K { get; init; }

        public DateTime L { get; init; }

        public DateTimeOffset? M { get; init; }

        public TimeSpan N { get; init; }

        public DateOnly O { get; init; }

        public TimeOnly? P { get; init; }

        public Colour Q { get; init; }

        public PaidInFull? R { get; init; }

        public string Computed => J + A + B + C + D + E + F + G + H + I;
    }

    private sealed class GetterOnly(string name)
    {
        private readonly int _length = name.Length;

        public string Name { get; } = name;

        public int Length => _length;
    }

    private sealed record Linked(int Value, Linked? Next);

    private sealed record WithStructs(Money Price, (string Name, int Count) Line, Money? Discount);

    private sealed record Pair<TLeft, TRight>(TLeft Left, TRight Right);

    [Immutable]
    private sealed class SaidToBeImmutable
    {
        public string[] Names { get; set; } = [];
    }

    [Immutable]
    private class ImmutableBase
    {
        private readonly string[] _names = [];

        public int Count => _names.Length;
    }

    // The attribute on a base does not count for the classes that derive from it.
    private sealed class OfImmutableBase : ImmutableBase;

    private sealed class Settable
    {
        public int Value { get; set; }
    }

    private sealed class PrivatelySettable
    {
        public int Value { get; private set; }

        public void Change() => Value++;
    }

    private sealed class OpenField
    {
        public int Value = 1;
    }

    private sealed class HiddenField
    {
        private int _value;

        public int Next() => ++_value;
    }

    private class MutableBase
    {
        public string? Note { get; set; }
    }

    private sealed class OfMutableBase : MutableBase
    {
        public int Value { get; init; }
    }

    private sealed record OfMutableMember(Settable Member);

    private sealed record WithArray(byte[] Bytes);

    private sealed record WithList(List<string> Names);

    private sealed record WithReadOnlyList(IReadOnlyList<string> Names);

    // A Paid that is met here may be of a derived type that can be changed.
    private sealed record WithOpenMember(Paid Paid);

    private sealed record WithObject(object Anything);

    private sealed record WithArrayInStruct((string Name, int[] Counts) Line);

    private sealed record AlmostLinked(AlmostLinked? Next, int[] Values);
}
