using System.Globalization;
using System.IO.Hashing;
using System.Text;

namespace Granary;

/// <summary>
/// One of the partitions of the log, counted from 0. Order is total inside a partition; across partitions there is
/// none.
/// </summary>
[GenerateSerializer, Immutable, Alias("granary.LogPartition")]
public readonly record struct LogPartition
{
    [Id(0)] private readonly int _value;

    /// <summary>Names a partition by its number, counted from 0.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The number is negative.</exception>
    public LogPartition(int value)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(value);
        _value = value;
    }

    /// <summary>The partition's number, counted from 0.</summary>
    public int Value => _value;

    /// <summary>
    /// The partition that a stream belongs to, in a log of <paramref name="partitionCount"/> partitions: XxHash64 of
    /// the UTF-8 of <c>category/key</c>. This is a format: it decides where stored events are looked for.
    /// </summary>
    public static LogPartition Of(StreamName stream, int partitionCount)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(partitionCount, 1);
        if (partitionCount == 1) return default;

        const int longest = (2 * StreamName.PartLengthMax + 1) * 3;
        Span<byte> utf8 = stackalloc byte[longest];
        var length = Encoding.UTF8.GetBytes(stream.Category, utf8);
        utf8[length++] = (byte)'/';
        length += Encoding.UTF8.GetBytes(stream.Key, utf8[length..]);
        return new LogPartition((int)(XxHash64.HashToUInt64(utf8[..length]) % (ulong)partitionCount));
    }

    /// <inheritdoc />
    public override string ToString() => _value.ToString(CultureInfo.InvariantCulture);
}
