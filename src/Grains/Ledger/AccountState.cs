using Granary.Contracts;

namespace Granary.Grains;

/// <summary>An account, folded from its events.</summary>
[GenerateSerializer, Alias("granary.AccountState")]
internal sealed class AccountState
{
    [Id(0)] public AccountStatus Status { get; private set; }

    [Id(1)] public string Owner { get; private set; } = "";

    [Id(2)] public string Currency { get; private set; } = "";

    [Id(3)] public decimal Balance { get; private set; }

    [Id(4)] public decimal OverdraftLimit { get; private set; }

    public void Apply(AccountOpened opened) =>
        (Status, Owner, Currency, OverdraftLimit) =
        (AccountStatus.Open, opened.Owner, opened.Currency, opened.OverdraftLimit);

    public void Apply(MoneyDeposited deposited) => Balance += deposited.Amount;

    public void Apply(MoneyWithdrawn withdrawn) => Balance -= withdrawn.Amount;

    public void Apply(AccountClosed closed) => Status = AccountStatus.Closed;
}
