using System.Text.Json;

namespace Granary.Cli;

/// <summary>Something that contradicts what a store promises.</summary>
/// <param name="Kind">What was checked: one of <see cref="FindingKinds"/>.</param>
/// <param name="Message">What was found.</param>
internal sealed record Finding(string Kind, string Message)
{
    /// <summary>The stream; null where it is none's.</summary>
    public StreamName? Stream { get; init; }

    /// <summary>The position in the log; null where it has none.</summary>
    public LogPosition? Position { get; init; }

    /// <summary>Where it is, for people.</summary>
    public string Where => (Stream, Position) switch
    {
        ({ } stream, { } position) => $"{stream} at {position}",
        ({ } stream, null) => $"{stream}",
        (null, { } position) => $"position {position}",
        _ => "the store",
    };

    /// <summary>Writes it as members of an object.</summary>
    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteString("finding", Kind);
        if (Stream is { } stream) writer.WriteString("stream", stream.ToString());
        if (Position is { } position)
        {
            writer.WriteNumber("partition", position.Partition.Value);
            writer.WriteNumber("position", position.Position.Value);
        }

        writer.WriteString("message", Message);
    }
}

/// <summary>What <c>granary verify</c> checks.</summary>
internal static class FindingKinds
{
    /// <summary>A part of the store does not match its checksum, or cannot be read.</summary>
    public const string Damaged = "damaged";

    /// <summary>Positions, times or partitions of the log.</summary>
    public const string Log = "log";

    /// <summary>The versions of a stream.</summary>
    public const string Version = "version";

    /// <summary>Where a stream ends, or its name in the list of streams.</summary>
    public const string Head = "head";

    /// <summary>What is read of a stream, beside what is in the log.</summary>
    public const string Stream = "stream";

    /// <summary>A snapshot.</summary>
    public const string Snapshot = "snapshot";
}
