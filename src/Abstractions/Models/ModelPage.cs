namespace Granary;

/// <summary>A page of rows.</summary>
/// <param name="Rows">The rows, in the query's order.</param>
/// <param name="Next">Where the next page begins; null where there are no more rows.</param>
public sealed record ModelPage(IReadOnlyList<ModelRow> Rows, ModelCursor? Next);
