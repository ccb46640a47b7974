using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace Granary;

/// <summary>
/// A position in each of one or several partitions of the log: how far a reader of them has come. As text it is written
/// <c>0:152,1:88</c>, each partition once, in any order; <see cref="ToString"/> orders them by their numbers.
/// </summary>
[GenerateSerializer, Immutable, Alias("granary.LogPositions")]
public sealed class LogPositions : IEquatable<LogPositions>
{
    [Id(0)] private readonly ImmutableArray<LogPosition> _items;

    /// <summary>Makes them of one position a partition.</summary>
    /// <exception cref="ArgumentException">There is none, or a partition has two.</exception>
    public LogPositions(IEnumerable<LogPosition> positions)
    {
        ArgumentNullException.ThrowIfNull(positions);
        _items = [.. positions.OrderBy(static one => one.Partition.Value)];
        if (Fault(_items) is { } fault) throw new ArgumentException(fault, nameof(positions));
    }

    private LogPositions(ImmutableArray<LogPosition> items) => _items = items;

    /// <summary>The positions, ordered by partition.</summary>
    public IReadOnlyList<LogPosition> Items => _items;

    /// <summary>The start of each partition of a log.</summary>
    /// <param name="partitionCount">How many partitions the log has.</param>
    public static LogPositions StartOf(int partitionCount)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(partitionCount, 1);
        return new([.. Enumerable.Range(0, partitionCount).Select(static one => LogPosition.StartOf(new(one)))]);
    }

    /// <summary>Reads <c>0:152,1:88</c>.</summary>
    /// <exception cref="FormatException">The text is not that; the message has the reason.</exception>
    public static LogPositions Parse(string text) =>
        TryParse(text, out var positions, out var fault) ? positions : throw new FormatException(fault);

    /// <summary>Reads <c>0:152,1:88</c>, or sets <paramref name="fault"/> to the reason why it cannot.</summary>
    public static bool TryParse(
        string? text, [NotNullWhen(true)] out LogPositions? positions, [NotNullWhen(false)] out string? fault)
    {
        positions = null;
        var items = ImmutableArray.CreateBuilder<LogPosition>();
        foreach (var part in (text ?? "").Split(','))
        {
            var colon = part.IndexOf(':');
            if (colon < 0 || !int.TryParse(
                    part.AsSpan(0, colon), NumberStyles.None, CultureInfo.InvariantCulture, out var partition)
                || !long.TryParse(
                    part.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var position))
            {
                fault = $"'{part}' is no position of a partition. Positions are written partition:position, parted by "
                    + "commas, as in 0:152,1:88.";
                return false;
            }

            items.Add(new(new(partition), new(position)));
        }

        items.Sort(static (one, other) => one.Partition.Value.CompareTo(other.Partition.Value));
        var ordered = items.ToImmutable();
        fault = Fault(ordered);
        if (fault is null) positions = new LogPositions(ordered);
        return fault is null;
    }

    /// <summary>The position in a partition; null where it has none of it.</summary>
    public GlobalPosition? Of(LogPartition partition) =>
        IndexOf(partition) is var at and >= 0 ? _items[at].Position : null;

    /// <summary>
    /// The same, but with this position in its partition; the partition is added where it is not there.
    /// </summary>
    public LogPositions With(LogPosition position) => IndexOf(position.Partition) is var at and >= 0
        ? new LogPositions(_items.SetItem(at, position))
        : new LogPositions(_items.Append(position));

    /// <inheritdoc />
    public bool Equals(LogPositions? other) => other is not null && _items.SequenceEqual(other._items);

    /// <inheritdoc />
    public override bool Equals(object? obj) => Equals(obj as LogPositions);

    /// <inheritdoc />
    public override int GetHashCode()
    {
        var hash = default(HashCode);
        foreach (var item in _items) hash.Add(item);
        return hash.ToHashCode();
    }

    /// <inheritdoc />
    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (var (partition, position) in _items)
        {
            if (text.Length > 0) text.Append(',');
            text.Append(CultureInfo.InvariantCulture, $"{partition.Value}:{position.Value}");
        }

        return text.ToString();
    }

    private int IndexOf(LogPartition partition)
    {
        for (var at = 0; at < _items.Length; at++)
        {
            if (_items[at].Partition == partition) return at;
        }

        return -1;
    }

    private static string? Fault(ImmutableArray<LogPosition> ordered)
    {
        if (ordered.IsEmpty) return "There is no position. Name one of each partition, as in 0:152,1:88.";
        for (var at = 1; at < ordered.Length; at++)
        {
            if (ordered[at].Partition == ordered[at - 1].Partition)
                return $"Partition {ordered[at].Partition} has two positions. Name each partition once.";
        }

        return null;
    }
}
