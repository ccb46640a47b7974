namespace Granary.Grains;

/// <summary>What the ledger's events have as metadata.</summary>
internal static class LedgerMetadata
{
    /// <summary>The currency of the account: a sum by currency is made from each event alone.</summary>
    public const string Currency = "currency";
}
