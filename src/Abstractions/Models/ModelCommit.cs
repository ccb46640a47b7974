using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Granary;

/// <summary>Changes of rows, and the move of a reader's checkpoint that they belong to: one transaction.</summary>
public sealed record ModelCommit
{
    /// <summary>How many rows a commit writes at most.</summary>
    public const int WritesMax = 10_000;

    /// <summary>Describes a commit.</summary>
    /// <param name="writes">The changes, at most one a row and <see cref="WritesMax"/> in all.</param>
    /// <exception cref="ArgumentException">There are too many, or two of one row.</exception>
    public ModelCommit(params IReadOnlyList<ModelWrite> writes)
    {
        LimitExceededException.ThrowIfOver(
            WritesMax, writes.Count, "number of rows in one commit", "Write fewer rows at once.");
        var rows = new HashSet<(string, string)>(writes.Count);
        foreach (var one in writes)
        {
            if (!rows.Add((one.Table.Name, one.Key)))
                throw new ArgumentException($"The row '{one.Key}' of '{one.Table.Name}' is written twice.");
        }

        Writes = writes;
    }

    /// <summary>The commit's id, greater than 0 and drawn at random: the revision of the rows that it writes.</summary>
    public long Id { get; } = DrawId();

    /// <summary>The changes of rows.</summary>
    public IReadOnlyList<ModelWrite> Writes { get; }

    /// <summary>The move of the checkpoint; null where no checkpoint is concerned.</summary>
    public ModelAdvance? Advance { get; init; }

    /// <summary>The table that a name shows from now on, for those who read with SQL; null for no change.</summary>
    public ModelView? View { get; init; }

    /// <summary>
    /// Whether it must survive a power failure when the call returns. Without it a power failure may undo the last
    /// commits, always with their checkpoints and in reverse order; what is derived from the log is then derived again.
    /// </summary>
    public bool Durable { get; init; }

    private static long DrawId()
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        RandomNumberGenerator.Fill(bytes);
        return Math.Max(1, BinaryPrimitives.ReadInt64LittleEndian(bytes) & long.MaxValue);
    }
}
