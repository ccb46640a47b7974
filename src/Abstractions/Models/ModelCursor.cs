namespace Granary;

/// <summary>Where a page of models ends.</summary>
/// <param name="Value">The value of the column that orders, in the page's last row; null where the key orders.</param>
/// <param name="Key">The key of the page's last row.</param>
public sealed record ModelCursor(object? Value, string Key);
