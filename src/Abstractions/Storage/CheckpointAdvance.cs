namespace Granary;

/// <summary>One move of a checkpoint.</summary>
public sealed record CheckpointAdvance
{
    /// <summary>
    /// Describes a move. One to the position where the checkpoint stands already takes it over in a later epoch.
    /// </summary>
    /// <param name="name">
    /// The reader's name, 1 to <see cref="GranaryLimits.CheckpointNameLengthMax"/> characters.
    /// </param>
    /// <param name="partition">The partition of the log.</param>
    /// <param name="from">Where the checkpoint has to stand.</param>
    /// <param name="to">Where it is moved to; not before <paramref name="from"/>.</param>
    /// <param name="epoch">The owner's epoch; at least 0.</param>
    /// <exception cref="ArgumentException">The name is empty or too long, or the move leads back.</exception>
    public CheckpointAdvance(string name, LogPartition partition, GlobalPosition from, GlobalPosition to, long epoch)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        LimitExceededException.ThrowIfOver(
            GranaryLimits.CheckpointNameLengthMax, name.Length, "name of a checkpoint", "Choose a shorter name.");
        ArgumentOutOfRangeException.ThrowIfLessThan(to.Value, from.Value, nameof(to));
        ArgumentOutOfRangeException.ThrowIfNegative(epoch);
        (Name, Partition, From, To, Epoch) = (name, partition, from, to, epoch);
    }

    /// <summary>The reader's name.</summary>
    public string Name { get; }

    /// <summary>The partition of the log.</summary>
    public LogPartition Partition { get; }

    /// <summary>Where the checkpoint has to stand.</summary>
    public GlobalPosition From { get; }

    /// <summary>Where it is moved to.</summary>
    public GlobalPosition To { get; }

    /// <summary>The owner's epoch.</summary>
    public long Epoch { get; }

    /// <summary>For stores: whether a checkpoint may be moved so.</summary>
    /// <param name="position">Where it stands.</param>
    /// <param name="epoch">In which epoch.</param>
    public bool IsAllowedAt(GlobalPosition position, long epoch) => position == From && epoch <= Epoch;

    /// <summary>For stores: whether an earlier call has moved it so.</summary>
    /// <param name="position">Where it stands.</param>
    /// <param name="epoch">In which epoch.</param>
    public bool IsDoneAt(GlobalPosition position, long epoch) => position == To && epoch == Epoch;
}
