namespace Granary;

/// <summary>
/// A version of a stream: how many events it holds up to and including this one. An absent stream is 0, the first
/// event makes it 1.
/// </summary>
[GenerateSerializer, Immutable, Alias("granary.StreamVersion")]
public readonly record struct StreamVersion : IComparable<StreamVersion>
{
    [Id(0)] private readonly long _value;

    /// <summary>Makes a version of a count of events.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative.</exception>
    public StreamVersion(long value)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(value);
        _value = value;
    }

    /// <summary>The number itself.</summary>
    public long Value => _value;

    /// <summary>The version of a stream that holds no event; as <c>after</c> it is the start.</summary>
    public static StreamVersion Zero => default;

    /// <summary>The version that <paramref name="count"/> further events lead to.</summary>
    public StreamVersion Plus(long count) => new(_value + count);

    /// <inheritdoc />
    public int CompareTo(StreamVersion other) => _value.CompareTo(other._value);

    /// <inheritdoc />
    public override string ToString() => _value.ToString(System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Whether <paramref name="left"/> comes before <paramref name="right"/>.</summary>
    public static bool operator <(StreamVersion left, StreamVersion right) => left._value < right._value;

    /// <summary>Whether <paramref name="left"/> comes after <paramref name="right"/>.</summary>
    public static bool operator >(StreamVersion left, StreamVersion right) => left._value > right._value;

    /// <summary>Whether <paramref name="left"/> comes before <paramref name="right"/> or is the same.</summary>
    public static bool operator <=(StreamVersion left, StreamVersion right) => left._value <= right._value;

    /// <summary>Whether <paramref name="left"/> comes after <paramref name="right"/> or is the same.</summary>
    public static bool operator >=(StreamVersion left, StreamVersion right) => left._value >= right._value;
}
