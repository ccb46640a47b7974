using System.Globalization;

namespace Granary.Runtime;

/// <summary>
/// What a lease is called: by its event's position, and what tells it from the other leases of that event.
/// </summary>
[GenerateSerializer, Immutable, Alias("granary.LeaseName")]
internal readonly record struct LeaseName([property: Id(0)] LogPosition Position, [property: Id(1)] string Text)
{
    /// <summary>Names a new lease.</summary>
    public static LeaseName New(LogPosition position, TimeProvider time) => new(
        position,
        string.Create(
            CultureInfo.InvariantCulture,
            $"{position.Partition.Value}.{position.Position.Value}.{Uuid7.New(time):N}"));

    /// <summary>The leases of events that were handed out.</summary>
    public static IReadOnlyList<LeaseName> Of(IReadOnlyList<Delivery> events) =>
        [.. events.Select(static one => new LeaseName(one.Event.Position, one.Lease))];

    /// <summary>Parses a lease.</summary>
    /// <exception cref="ArgumentException">It is none.</exception>
    public static LeaseName Parse(string? text, int partitionCount)
    {
        var parts = text?.Split('.') ?? [];
        if (parts.Length == 3
            && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var partition)
            && partition < partitionCount
            && long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var position)
            && Guid.TryParseExact(parts[2], "N", out _))
            return new LeaseName(
                new LogPosition(new LogPartition(partition), new GlobalPosition(position)), text!);
        throw new ArgumentException(
            "A lease is the text that came with the event. One of those sent is none of this log's.");
    }
}
