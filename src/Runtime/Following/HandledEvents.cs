namespace Granary.Runtime;

/// <summary>What is committed with the checkpoint for events that were handled.</summary>
internal sealed record HandledEvents
{
    /// <summary>Nothing but the checkpoint.</summary>
    public static HandledEvents Nothing { get; } = new();

    /// <summary>The changes of rows.</summary>
    public IReadOnlyList<ModelWrite> Writes { get; init; } = [];

    /// <summary>
    /// What writes in the same transaction; null for nothing. It needs an <see cref="ISqlModelStore"/>.
    /// </summary>
    public SqlModelWrite? Sql { get; init; }
}
