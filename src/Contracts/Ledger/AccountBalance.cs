namespace Granary.Contracts;

/// <summary>The model of an account in the projection <c>balances</c>.</summary>
/// <param name="Account">The account's id.</param>
/// <param name="Owner">Who it belongs to.</param>
/// <param name="Currency">The ISO 4217 code of its currency.</param>
/// <param name="Balance">How much it holds.</param>
/// <param name="IsOpen">Whether it is open.</param>
/// <param name="Entries">How many events it has.</param>
/// <param name="ChangedAt">When the last of them was recorded.</param>
public sealed record AccountBalance(
    string Account, string Owner, string Currency, decimal Balance, bool IsOpen, long Entries,
    DateTimeOffset ChangedAt);
