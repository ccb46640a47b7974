namespace Granary;

/// <summary>
/// The identity of one atomic write. A writer that lost the answer sends the same append with the same id again
/// and gets <see cref="AppendOutcome.AlreadyAppended"/> where it had landed, also where the stream was cleared since.
/// </summary>
/// <remarks>
/// A retry is recognised among the stream's last <see cref="GranaryLimits.AppendIdWindow"/> events, cleared ones
/// included. After more events it is recognised only where it expects a version and the stream was not cleared since.
/// One that is not recognised and expects no position may land again; expect the position of the stream's head, as
/// grains do, and it is a conflict.
/// <para>An append may have the id of its first event, where that id was made with the event
/// (<see cref="NewEvent.HasNewId"/>); those of grains do, and take less space in a store.</para>
/// </remarks>
/// <param name="Value">The id; never empty.</param>
[GenerateSerializer, Immutable, Alias("granary.AppendId")]
public readonly record struct AppendId([property: Id(0)] Guid Value)
{
    /// <summary>A fresh id, ordered by the given clock's time.</summary>
    public static AppendId New(TimeProvider time) => new(Uuid7.New(time));

    /// <inheritdoc />
    public override string ToString() => Value.ToString();
}
