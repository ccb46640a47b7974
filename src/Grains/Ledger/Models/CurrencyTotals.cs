using Granary.Contracts;

namespace Granary.Grains;

/// <summary>What all accounts of a currency hold together; the key is the currency.</summary>
[Projection("currency_totals")]
internal sealed class CurrencyTotals : Projection<CurrencyTotal>
{
    public CurrencyTotals()
    {
        Categories("account");
        Key<IAccountEvent>(static (_, recorded) => recorded.Metadata.Find(LedgerMetadata.Currency));
        Column(static one => one.Amount);
        Column(static one => one.Accounts);
    }

    public CurrencyTotal Apply(CurrencyTotal total, AccountOpened opened) =>
        total with { Accounts = total.Accounts + 1 };

    public CurrencyTotal Apply(CurrencyTotal total, AccountClosed closed) =>
        total with { Accounts = total.Accounts - 1 };

    public CurrencyTotal Apply(CurrencyTotal total, MoneyDeposited deposited) =>
        total with { Amount = total.Amount + deposited.Amount };

    public CurrencyTotal Apply(CurrencyTotal total, MoneyWithdrawn withdrawn) =>
        total with { Amount = total.Amount - withdrawn.Amount };
}

/// <summary>The total of a currency.</summary>
internal sealed record CurrencyTotal
{
    /// <summary>What the accounts hold. What a transfer has taken and not paid yet is on no account.</summary>
    public decimal Amount { get; init; }

    /// <summary>How many accounts are open.</summary>
    public long Accounts { get; init; }
}
