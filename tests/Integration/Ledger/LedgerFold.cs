using System.Globalization;

namespace Granary.Tests.Integration;

/// <summary>The ledger's models as a fold of its log, made by the test.</summary>
internal sealed class LedgerFold
{
    private readonly Dictionary<(string Account, string At), AccountRow> _history = [];

    /// <summary>Folds a log.</summary>
    public LedgerFold(LedgerLog log)
    {
        foreach (var one in log.Events.Where(static one => one.Category == "account")) AddToAccount(one);
        foreach (var one in log.Events.Where(static one => one.Category == "transfer")) AddToTransfer(one);
    }

    public Dictionary<string, AccountRow> Balances { get; } = [];

    public Dictionary<string, StatementRow> Statements { get; } = [];

    public Dictionary<string, TotalRow> Totals { get; } = [];

    public Dictionary<string, string> OpenTransfers { get; } = [];

    /// <summary>An account as it was after the event at a position; null where it has none there.</summary>
    public AccountRow? FindPast(string account, string at) => _history.GetValueOrDefault((account, at));

    private void AddToAccount(LedgerEvent one)
    {
        if (one.Type == "account-opened")
        {
            var currency = (string)one.Data["currency"]!;
            Balances.Add(one.Key, new AccountRow(currency, 0, true, 0, ""));
            Totals.TryAdd(currency, new TotalRow(0, 0));
        }

        var account = Balances[one.Key];
        var total = Totals[account.Currency];
        switch (one.Type)
        {
            case "account-opened":
                total = total with { Accounts = total.Accounts + 1 };
                break;
            case "account-closed":
                (account, total) = (account with { IsOpen = false }, total with { Accounts = total.Accounts - 1 });
                break;
            case "money-deposited" or "money-withdrawn":
                var amount = one.Type == "money-deposited" ? one.Amount : -one.Amount;
                (account, total) = (
                    account with { Balance = account.Balance + amount }, total with { Amount = total.Amount + amount });
                Statements.Add(
                    string.Create(CultureInfo.InvariantCulture, $"{one.Partition:D4}:{one.Position:D19}"),
                    new StatementRow(one.Key, one.Version, amount));
                break;
            case "granary.command-answered":
                return;
            default:
                Assert.Fail($"An account has no such event: {one}");
                break;
        }

        account = account with { Entries = account.Entries + 1, At = one.At };
        (Balances[one.Key], Totals[account.Currency], _history[(one.Key, one.At)]) = (account, total, account);
    }

    private void AddToTransfer(LedgerEvent one)
    {
        switch (one.Type)
        {
            case "transfer-requested":
                OpenTransfers.Add(one.Key, "Requested");
                break;
            case "transfer-debited":
                OpenTransfers[one.Key] = "Debited";
                break;
            case "transfer-credit-refused":
                OpenTransfers[one.Key] = "Refunding";
                break;
            case "transfer-completed" or "transfer-rejected" or "transfer-refunded":
                OpenTransfers.Remove(one.Key);
                break;
        }
    }
}

/// <summary>A model of <c>balances</c>, and the position of the event that it has last.</summary>
internal sealed record AccountRow(string Currency, decimal Balance, bool IsOpen, long Entries, string At);

/// <summary>A model of <c>statements</c>.</summary>
internal sealed record StatementRow(string Account, long Version, decimal Amount);

/// <summary>A model of <c>currency_totals</c>.</summary>
internal sealed record TotalRow(decimal Amount, long Accounts);
