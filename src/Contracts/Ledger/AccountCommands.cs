namespace Granary.Contracts;

/// <summary>Opens an account.</summary>
/// <param name="Owner">Who it belongs to, 1 to 200 characters.</param>
/// <param name="Currency">The ISO 4217 code of its currency, as in <c>EUR</c>.</param>
/// <param name="OverdraftLimit">How far below zero it may go; zero or positive.</param>
/// <param name="CommandId">The command's own id, where it may be sent again; at most 200 characters.</param>
[GenerateSerializer, Immutable, Alias("granary.OpenAccount")]
public sealed record OpenAccount(
    [property: Id(0)] string Owner,
    [property: Id(1)] string Currency,
    [property: Id(2)] decimal OverdraftLimit,
    [property: Id(3)] string? CommandId = null);

/// <summary>Pays an amount in or out.</summary>
/// <param name="Amount">How much; positive, within the currency's minor unit.</param>
/// <param name="Currency">The account's currency.</param>
/// <param name="CommandId">The command's own id, where it may be sent again; at most 200 characters.</param>
[GenerateSerializer, Immutable, Alias("granary.MoveMoney")]
public sealed record MoveMoney(
    [property: Id(0)] decimal Amount,
    [property: Id(1)] string Currency,
    [property: Id(2)] string? CommandId = null);

/// <summary>Closes an account.</summary>
/// <param name="CommandId">The command's own id, where it may be sent again; at most 200 characters.</param>
[GenerateSerializer, Immutable, Alias("granary.CloseAccount")]
public sealed record CloseAccount([property: Id(0)] string? CommandId = null);
