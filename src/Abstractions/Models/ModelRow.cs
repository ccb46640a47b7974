namespace Granary;

/// <summary>A model as it is stored.</summary>
/// <param name="Key">
/// Its key: 1 to <see cref="GranaryLimits.ModelKeyLengthMax"/> characters of any well-formed text.
/// </param>
/// <param name="Document">The document, as UTF-8 JSON; equal to what was written as JSON, not byte by byte.</param>
/// <param name="Position">The position of the event that changed it last.</param>
/// <param name="Revision">The id of the commit that wrote it (<see cref="ModelCommit.Id"/>).</param>
public sealed record ModelRow(string Key, ReadOnlyMemory<byte> Document, LogPosition Position, long Revision);
