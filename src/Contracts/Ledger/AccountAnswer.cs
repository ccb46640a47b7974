namespace Granary.Contracts;

/// <summary>The result of a command to an account.</summary>
/// <param name="Account">The account after it.</param>
/// <param name="Refusal">One of <see cref="RefusalCodes"/> where it was refused and changed nothing, else null.</param>
/// <param name="Reason">The refusal in words, else null.</param>
[GenerateSerializer, Immutable, Alias("granary.AccountAnswer")]
public sealed record AccountAnswer(
    [property: Id(0)] AccountView Account,
    [property: Id(1)] string? Refusal = null,
    [property: Id(2)] string? Reason = null)
{
    /// <summary>
    /// The position of the account's last event: models that have passed it have seen the command. Null where there is
    /// none.
    /// </summary>
    [Id(3)] public LogPosition? Position { get; init; }
}

/// <summary>The present state of an account.</summary>
/// <param name="Id">Its key.</param>
/// <param name="Status">Whether it is open.</param>
/// <param name="Owner">Who it belongs to; empty before it is opened.</param>
/// <param name="Currency">Its ISO 4217 code; empty before it is opened.</param>
/// <param name="Balance">What it holds.</param>
/// <param name="OverdraftLimit">How far below zero it may go.</param>
/// <param name="Version">How many events it has.</param>
[GenerateSerializer, Immutable, Alias("granary.AccountView")]
public sealed record AccountView(
    [property: Id(0)] string Id,
    [property: Id(1)] AccountStatus Status,
    [property: Id(2)] string Owner,
    [property: Id(3)] string Currency,
    [property: Id(4)] decimal Balance,
    [property: Id(5)] decimal OverdraftLimit,
    [property: Id(6)] long Version);

/// <summary>The status of an account.</summary>
[GenerateSerializer, Alias("granary.AccountStatus")]
public enum AccountStatus
{
    /// <summary>Never opened.</summary>
    None,

    /// <summary>Open.</summary>
    Open,

    /// <summary>Closed; it cannot be opened again.</summary>
    Closed,
}
