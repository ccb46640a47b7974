namespace Granary.Cli;

/// <summary>Appends that are written to the target together, in the order of the source.</summary>
/// <param name="Appends">The appends.</param>
/// <param name="Through">How far the source was read with them: the positions of its partitions.</param>
internal sealed record CopyRound(IReadOnlyList<CopiedAppend> Appends, IReadOnlyList<LogPosition> Through)
{
    /// <summary>How many events a round has at most, unless it is one append alone.</summary>
    public const int EventsMax = 2_000;

    /// <summary>How many bytes of payloads and metadata it has at most, unless it is one append alone.</summary>
    public const long BytesMax = 4 * 1024 * 1024;

    /// <summary>How many events it has.</summary>
    public int Events => Appends.Sum(static one => one.Events.Count);
}
