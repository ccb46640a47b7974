namespace Granary.Contracts;

/// <summary>What can happen to an account.</summary>
public interface IAccountEvent;

/// <summary>The account was opened.</summary>
/// <param name="Owner">Who it belongs to.</param>
/// <param name="Currency">The ISO 4217 code of its currency.</param>
/// <param name="OverdraftLimit">How far below zero it may go.</param>
[GenerateSerializer, Immutable, Alias("account-opened")]
public sealed record AccountOpened(
    [property: Id(0)] string Owner,
    [property: Id(1)] string Currency,
    [property: Id(2)] decimal OverdraftLimit) : IAccountEvent;

/// <summary>An amount was paid in.</summary>
/// <param name="Amount">How much, in the account's currency.</param>
[GenerateSerializer, Immutable, Alias("money-deposited")]
public sealed record MoneyDeposited([property: Id(0)] decimal Amount) : IAccountEvent;

/// <summary>An amount was paid out.</summary>
/// <param name="Amount">How much, in the account's currency.</param>
[GenerateSerializer, Immutable, Alias("money-withdrawn")]
public sealed record MoneyWithdrawn([property: Id(0)] decimal Amount) : IAccountEvent;

/// <summary>The account was closed.</summary>
[GenerateSerializer, Immutable, Alias("account-closed")]
public sealed record AccountClosed : IAccountEvent;
