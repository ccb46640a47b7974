namespace Granary.Contracts;

/// <summary>Why the ledger refuses a command. The codes are part of the API.</summary>
public static class RefusalCodes
{
    /// <summary>Balance and overdraft limit do not cover the amount.</summary>
    public const string InsufficientFunds = "insufficient-funds";

    /// <summary>The account was never opened, or is closed.</summary>
    public const string NotOpen = "not-open";

    /// <summary>The account was opened before.</summary>
    public const string AlreadyOpen = "already-open";

    /// <summary>The amount is in another currency than the account.</summary>
    public const string CurrencyMismatch = "currency-mismatch";

    /// <summary>The amount is not positive, or finer than the currency's minor unit, or too large.</summary>
    public const string InvalidAmount = "invalid-amount";

    /// <summary>The account does not hold exactly zero.</summary>
    public const string NotEmpty = "not-empty";

    /// <summary>The owner or the currency is none.</summary>
    public const string InvalidAccount = "invalid-account";

    /// <summary>The account that pays is the one that is paid.</summary>
    public const string SameAccount = "same-account";

    /// <summary>The transfer was asked for before.</summary>
    public const string AlreadyRequested = "already-requested";
}
