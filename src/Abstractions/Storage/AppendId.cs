namespace Granary;

/// <summary>
/// The identity of one atomic write. A writer that lost the answer sends the same append with the same id again
/// and gets <see cref="AppendOutcome.AlreadyAppended"/> where it had landed.
/// </summary>
/// <param name="Value">The id; never empty.</param>
[GenerateSerializer, Immutable, Alias("granary.AppendId")]
public readonly record struct AppendId([property: Id(0)] Guid Value)
{
    /// <summary>A fresh id, ordered by the given clock's time.</summary>
    public static AppendId New(TimeProvider time) => new(Uuid7.New(time));

    /// <inheritdoc />
    public override string ToString() => Value.ToString();
}
