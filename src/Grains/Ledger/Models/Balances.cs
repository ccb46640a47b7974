using Granary.Contracts;

namespace Granary.Grains;

/// <summary>What each account holds.</summary>
[Projection("balances")]
internal sealed class Balances : Projection<AccountBalance>
{
    public Balances()
    {
        Categories("account");
        Column(account => account.Owner);
        Column(account => account.Currency);
        Column(account => account.Balance);
        Column(account => account.IsOpen);
        Column(account => account.ChangedAt);
    }

    public static AccountBalance Create(AccountOpened opened, RecordedEvent recorded) => new(
        recorded.Stream.Key, opened.Owner, opened.Currency, 0m, IsOpen: true, Entries: 1, recorded.Timestamp);

    public static AccountBalance Apply(AccountBalance account, MoneyDeposited deposited, RecordedEvent recorded) =>
        Move(account, deposited.Amount, recorded);

    public static AccountBalance Apply(AccountBalance account, MoneyWithdrawn withdrawn, RecordedEvent recorded) =>
        Move(account, -withdrawn.Amount, recorded);

    public static AccountBalance Apply(AccountBalance account, AccountClosed closed, RecordedEvent recorded) =>
        Move(account, 0m, recorded) with { IsOpen = false };

    private static AccountBalance Move(AccountBalance account, decimal amount, RecordedEvent recorded) =>
        account with
        {
            Balance = account.Balance + amount, Entries = account.Entries + 1, ChangedAt = recorded.Timestamp,
        };
}
