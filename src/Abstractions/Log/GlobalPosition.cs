namespace Granary;

/// <summary>
/// A position in one partition of the log. Positions are 1..n without gaps and become visible in that order; 0 is
/// before the first.
/// </summary>
[GenerateSerializer, Immutable, Alias("granary.GlobalPosition")]
public readonly record struct GlobalPosition : IComparable<GlobalPosition>
{
    [Id(0)] private readonly long _value;

    /// <summary>Makes a position of its number.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative.</exception>
    public GlobalPosition(long value)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(value);
        _value = value;
    }

    /// <summary>The number itself.</summary>
    public long Value => _value;

    /// <summary>The position before the first event; as <c>after</c> it is the start.</summary>
    public static GlobalPosition Zero => default;

    /// <summary>The position <paramref name="count"/> events further on.</summary>
    public GlobalPosition Plus(long count) => new(_value + count);

    /// <inheritdoc />
    public int CompareTo(GlobalPosition other) => _value.CompareTo(other._value);

    /// <inheritdoc />
    public override string ToString() => _value.ToString(System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Whether <paramref name="left"/> comes before <paramref name="right"/>.</summary>
    public static bool operator <(GlobalPosition left, GlobalPosition right) => left._value < right._value;

    /// <summary>Whether <paramref name="left"/> comes after <paramref name="right"/>.</summary>
    public static bool operator >(GlobalPosition left, GlobalPosition right) => left._value > right._value;

    /// <summary>Whether <paramref name="left"/> comes before <paramref name="right"/> or is the same.</summary>
    public static bool operator <=(GlobalPosition left, GlobalPosition right) => left._value <= right._value;

    /// <summary>Whether <paramref name="left"/> comes after <paramref name="right"/> or is the same.</summary>
    public static bool operator >=(GlobalPosition left, GlobalPosition right) => left._value >= right._value;
}
