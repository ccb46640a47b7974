using Granary.Contracts;

namespace Granary.Tests.Unit.Ledger;

/// <summary>
/// Transfers in a cluster: their ends, and that they have one end though everything is repeated or fails.
/// </summary>
public sealed class TransferTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_transfer_moves_the_amount_and_completes()
    {
        await using var bank = await Bank.StartAsync();
        await bank.OpenAsync("a", 100);
        await bank.OpenAsync("b", 5);
        var answer = await bank.RequestAsync("t", "a", "b", 30);

        Assert.Equal(TransferStatus.Requested, answer.Transfer.Status);
        Assert.Equal(TransferStatus.Completed, (await bank.EndedAsync("t")).Status);
        Assert.Equal((70m, 35m), (await bank.BalanceAsync("a"), await bank.BalanceAsync("b")));
        Assert.Equal(
            ["transfer-requested", "transfer-debited", "transfer-credited", "transfer-completed"],
            await bank.TypesAsync("t"));
    }

    [Fact]
    public async Task A_debit_that_is_refused_rejects_the_transfer_with_the_reason()
    {
        await using var bank = await Bank.StartAsync();
        await bank.OpenAsync("a", 10);
        await bank.OpenAsync("b", 0);
        await bank.RequestAsync("t", "a", "b", 30);

        var ended = await bank.EndedAsync("t");
        Assert.Equal((TransferStatus.Rejected, RefusalCodes.InsufficientFunds), (ended.Status, ended.Refusal));
        Assert.Equal((10m, 0m), (await bank.BalanceAsync("a"), await bank.BalanceAsync("b")));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_credit_that_is_refused_after_the_debit_is_refunded_also_to_an_account_closed_meanwhile(
        bool closes)
    {
        await using var bank = await Bank.StartAsync();
        await bank.OpenAsync("a", 30);
        await bank.OpenAsync("b", 0);
        var gate = bank.HoldAt("transfer-debited");
        await bank.RequestAsync("t", "a", "b", 30);
        await gate.Reached.WaitAsync(TimeSpan.FromSeconds(60), Token);
        Assert.Null((await bank.Account("b").Close(new())).Refusal);
        if (closes) Assert.Null((await bank.Account("a").Close(new())).Refusal);
        gate.Open();

        var ended = await bank.EndedAsync("t");
        Assert.Equal((TransferStatus.Refunded, RefusalCodes.NotOpen), (ended.Status, ended.Refusal));
        Assert.Equal((30m, 0m), (await bank.BalanceAsync("a"), await bank.BalanceAsync("b")));
    }

    [Theory]
    [InlineData("a", "a", 1, RefusalCodes.SameAccount)]
    [InlineData("none", "b", 1, RefusalCodes.NotOpen)]
    [InlineData("a", "none", 1, RefusalCodes.NotOpen)]
    [InlineData("a", "", 1, RefusalCodes.NotOpen)]
    [InlineData("a", "yen", 1, RefusalCodes.CurrencyMismatch)]
    [InlineData("a", "b", 0, RefusalCodes.InvalidAmount)]
    [InlineData("a", "b", -1, RefusalCodes.InvalidAmount)]
    [InlineData("a", "b", 0.001, RefusalCodes.InvalidAmount)]
    public async Task What_cannot_be_a_transfer_is_refused_and_leaves_nothing(
        string from, string to, double amount, string code)
    {
        await using var bank = await Bank.StartAsync();
        await bank.OpenAsync("a", 100);
        await bank.OpenAsync("b", 0);
        await bank.OpenAsync("yen", 0, "JPY");
        var answer = await bank.RequestAsync("t", from, to, (decimal)amount);

        Assert.Equal(code, answer.Refusal);
        Assert.NotNull(answer.Reason);
        Assert.Empty(await bank.TypesAsync("t"));
    }

    [Fact]
    public async Task The_same_request_is_the_same_transfer_and_another_under_its_id_is_an_error()
    {
        await using var bank = await Bank.StartAsync();
        await bank.OpenAsync("a", 100);
        await bank.OpenAsync("b", 0);
        var first = await bank.RequestAsync("t", "a", "b", 30);
        await bank.EndedAsync("t");

        var again = await bank.RequestAsync("t", "a", "b", 30);
        Assert.Equal(first, again with { Position = first.Position });
        Assert.True(again.Position!.Value.Position > first.Position!.Value.Position);
        await Assert.ThrowsAsync<CommandIdReusedException>(() => bank.RequestAsync("t", "a", "b", 31));
        Assert.Equal(70m, await bank.BalanceAsync("a"));
    }

    [Fact]
    public async Task Every_event_that_comes_again_changes_nothing()
    {
        await using var bank = await Bank.StartAsync();
        await bank.OpenAsync("a", 100);
        await bank.OpenAsync("b", 0);
        await bank.RequestAsync("t", "a", "b", 30);
        await bank.EndedAsync("t");
        await bank.RequestAsync("poor", "b", "a", 31);
        await bank.EndedAsync("poor");
        var before = await bank.Log();
        for (var times = 0; times < 2; times++)
        {
            foreach (var one in before) await bank.RedeliverAsync(one);
        }

        Assert.Equal(before.Count, (await bank.Log()).Count);
        Assert.Equal((70m, 30m), (await bank.BalanceAsync("a"), await bank.BalanceAsync("b")));
    }
}
