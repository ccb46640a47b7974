namespace Granary.Cli;

/// <summary>What all parts of one copy share.</summary>
internal sealed record CopyJob(OpenedStore Source, OpenedStore Target, CopyProgress Progress, TimeProvider Time)
{
    /// <summary>Whether both stores have as many partitions: then positions are the same.</summary>
    public bool KeepsPositions => Source.Description.PartitionCount == Target.Description.PartitionCount;
}

/// <summary>Where a lane begins.</summary>
/// <param name="After">The positions in the source after which it reads.</param>
/// <param name="Writer">What writes the rounds.</param>
internal sealed record CopyBegin(IReadOnlyList<LogPosition> After, TargetWriter Writer);

/// <summary>How far a lane has come, as far as the target shows it.</summary>
internal interface ICopyState
{
    /// <summary>Finds out where the lane begins. Every time it is called, the target is looked at anew.</summary>
    /// <exception cref="CommandException">The target is no copy of the source.</exception>
    Task<CopyBegin> ResumeAsync(CancellationToken cancellationToken);

    /// <summary>Notes that a round was written.</summary>
    ValueTask OnWrittenAsync(CopyRound round, CancellationToken cancellationToken);
}

/// <summary>The target has grown by another process, which may be another copy.</summary>
internal sealed class CopyOvertakenException(string message) : Exception(message);
