using System.Globalization;
using Granary.Contracts;
using Granary.Grains;
using Granary.Testing;

namespace Granary.Tests.Unit.Ledger;

public sealed class AccountTests
{
    private static readonly AccountOpened Opened = new("Ada", "EUR", 10m);

    [Fact]
    public async Task Opening_raises_one_event_and_answers_the_new_account()
    {
        var outcome = await Account().WhenAsync(static account => account.Open(new("Ada", "EUR", 10m)));

        outcome.Then(Opened);
        Assert.Equal(new AccountView("a1", AccountStatus.Open, "Ada", "EUR", 0m, 10m, 1), outcome.Answer.Account);
        Assert.Null(outcome.Answer.Refusal);
    }

    [Theory]
    [InlineData("", "EUR", 0, RefusalCodes.InvalidAccount)]
    [InlineData("Ada", "eur", 0, RefusalCodes.InvalidAccount)]
    [InlineData("Ada", "XYZ", 0, RefusalCodes.InvalidAccount)]
    [InlineData("Ada", "EUR", -1, RefusalCodes.InvalidAmount)]
    [InlineData("Ada", "JPY", 0.5, RefusalCodes.InvalidAmount)]
    public async Task Opening_a_malformed_account_is_refused(string owner, string currency, double limit, string code)
    {
        var outcome = await Account().WhenAsync(account => account.Open(new(owner, currency, (decimal)limit)));

        Assert.Equal(code, outcome.ThenNothing().Answer.Refusal);
    }

    [Fact]
    public async Task Opening_twice_is_refused_also_after_the_account_was_closed()
    {
        var open = await Account(Opened).WhenAsync(static account => account.Open(new("Ada", "EUR", 0m)));
        var closed = await Account(Opened, new AccountClosed())
            .WhenAsync(static account => account.Open(new("Ada", "EUR", 0m)));

        Assert.Equal(RefusalCodes.AlreadyOpen, open.ThenNothing().Answer.Refusal);
        Assert.Equal(RefusalCodes.AlreadyOpen, closed.ThenNothing().Answer.Refusal);
    }

    [Theory]
    [InlineData(0, "EUR", RefusalCodes.InvalidAmount)]
    [InlineData(-1, "EUR", RefusalCodes.InvalidAmount)]
    [InlineData(0.001, "EUR", RefusalCodes.InvalidAmount)]
    [InlineData(1, "USD", RefusalCodes.CurrencyMismatch)]
    public async Task A_wrong_amount_is_refused_in_and_out(double amount, string currency, string code)
    {
        var move = new MoveMoney((decimal)amount, currency);
        var deposit = await Account(Opened).WhenAsync(account => account.Deposit(move));
        var withdrawal = await Account(Opened).WhenAsync(account => account.Withdraw(move));

        Assert.Equal(code, deposit.ThenNothing().Answer.Refusal);
        Assert.Equal(code, withdrawal.ThenNothing().Answer.Refusal);
    }

    [Theory]
    [InlineData("JPY", "1.0", "1", "1")]
    [InlineData("EUR", "1.5", "1.50", "1.50")]
    [InlineData("BHD", "1.50000", "1.500", "1.500")]
    public async Task Amounts_have_the_decimals_of_the_minor_unit_in_answers_and_events(
        string currency, string amount, string stored, string balance)
    {
        var value = decimal.Parse(amount, CultureInfo.InvariantCulture);
        var outcome = await Account(new AccountOpened("Ada", currency, 0m))
            .WhenAsync(account => account.Deposit(new(value, currency)));

        Assert.Equal(stored, Text(Assert.IsType<MoneyDeposited>(Assert.Single(outcome.Events)).Amount));
        Assert.Equal(balance, Text(outcome.Answer.Account.Balance));
    }

    [Theory]
    [InlineData("JPY", "1.5")]
    [InlineData("BHD", "1.0005")]
    public async Task An_amount_finer_than_the_minor_unit_is_refused(string currency, string amount)
    {
        var value = decimal.Parse(amount, CultureInfo.InvariantCulture);
        var outcome = await Account(new AccountOpened("Ada", currency, 0m))
            .WhenAsync(account => account.Deposit(new(value, currency)));
        Assert.Equal(RefusalCodes.InvalidAmount, outcome.ThenNothing().Answer.Refusal);
    }

    [Fact]
    public async Task Withdrawing_goes_to_the_overdraft_limit_and_not_a_cent_further()
    {
        var within = await Account(Opened, new MoneyDeposited(5m))
            .WhenAsync(static account => account.Withdraw(new(15m, "EUR")));
        var beyond = await Account(Opened, new MoneyDeposited(5m))
            .WhenAsync(static account => account.Withdraw(new(15.01m, "EUR")));

        Assert.Equal(-10m, within.Then(new MoneyWithdrawn(15m)).Answer.Account.Balance);
        Assert.Equal(RefusalCodes.InsufficientFunds, beyond.ThenNothing().Answer.Refusal);
    }

    [Fact]
    public async Task Only_an_open_and_empty_account_can_be_closed()
    {
        var full = await Account(Opened, new MoneyDeposited(1m)).WhenAsync(static account => account.Close(new()));
        var absent = await Account().WhenAsync(static account => account.Close(new()));
        var empty = await Account(Opened).WhenAsync(static account => account.Close(new()));

        Assert.Equal(RefusalCodes.NotEmpty, full.ThenNothing().Answer.Refusal);
        Assert.Equal(RefusalCodes.NotOpen, absent.ThenNothing().Answer.Refusal);
        Assert.Equal(AccountStatus.Closed, empty.Then(new AccountClosed()).Answer.Account.Status);
    }

    [Fact]
    public async Task A_command_sent_again_has_one_effect_and_one_answer_also_after_a_restart()
    {
        var scenario = Account(Opened);
        var first = await scenario.WhenAsync(static account => account.Deposit(new(3m, "EUR", "c1")));
        await scenario.WhenAsync(static account => account.Deposit(new(4m, "EUR")));
        var again = await scenario.Reactivated().WhenAsync(static account => account.Deposit(new(3m, "EUR", "c1")));

        first.Then(new MoneyDeposited(3m));
        Assert.Equal(first.Answer, again.ThenNothing().Answer);
    }

    [Fact]
    public async Task A_refusal_with_an_id_stays_the_answer_though_the_account_has_changed()
    {
        var scenario = Account(Opened);
        await scenario.WhenAsync(static account => account.Withdraw(new(50m, "EUR", "c1")));
        await scenario.WhenAsync(static account => account.Deposit(new(100m, "EUR")));
        var again = await scenario.Reactivated().WhenAsync(static account => account.Withdraw(new(50m, "EUR", "c1")));

        Assert.Equal(RefusalCodes.InsufficientFunds, again.ThenNothing().Answer.Refusal);
    }

    [Fact]
    public async Task An_id_used_for_another_command_is_an_error()
    {
        var scenario = Account(Opened, new MoneyDeposited(9m));
        await scenario.WhenAsync(static account => account.Deposit(new(3m, "EUR", "c1")));
        var other = await scenario.WhenAsync(static account => account.Withdraw(new(3m, "EUR", "c1")));

        other.ThenThrows<CommandIdReusedException>();
    }

    private static string Text(decimal amount) => amount.ToString(CultureInfo.InvariantCulture);

    private static AggregateScenario<AccountGrain> Account(params object[] events) =>
        new AggregateScenario<AccountGrain>("a1").Given(events);
}
