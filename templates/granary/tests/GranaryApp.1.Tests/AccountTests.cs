using Granary.Testing;
using GranaryApp._1.Accounts;

namespace GranaryApp._1.Tests;

/// <summary>The decisions, without a cluster.</summary>
public sealed class AccountTests
{
    [Fact]
    public async Task A_deposit_raises_the_balance()
    {
        var call = await Account().Given(new Deposited(100)).WhenAsync(account => account.Deposit(null, 20));

        call.Then(new Deposited(20));
        Assert.Equal(new AccountAnswer(true, 120), call.Answer);
    }

    [Fact]
    public async Task A_withdrawal_above_the_balance_is_refused()
    {
        var call = await Account().Given(new Deposited(100)).WhenAsync(account => account.Withdraw(null, 101));

        call.ThenNothing();
        Assert.Equal((false, 100m), (call.Answer.Accepted, call.Answer.Balance));
    }

    [Fact]
    public async Task A_command_that_is_sent_again_has_no_second_effect()
    {
        var account = Account();
        var first = await account.WhenAsync(grain => grain.Deposit("d-1", 50));
        var second = await account.WhenAsync(grain => grain.Deposit("d-1", 50));

        first.Then(new Deposited(50));
        second.ThenNothing();
        Assert.Equal(first.Answer, second.Answer);
    }

    private static AggregateScenario<AccountGrain> Account() => new("ada");
}
