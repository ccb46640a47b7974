using Granary.Contracts;
using Granary.Runtime;
using Orleans.Core.Internal;

namespace Granary.Tests.Unit.Ledger;

/// <summary>
/// A debit that was carried out, which its transfer does not know, comes again when the account has handled more
/// commands than it keeps.
/// </summary>
public sealed class RepeatedDebitTests : IAsyncLifetime
{
    private const int Others = 1_500;

    private readonly ScriptedEventStore _store = new(new MemoryEventStore());
    private Bank _bank = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _bank = await Bank.StartAsync(_store);

    public async ValueTask DisposeAsync() => await _bank.DisposeAsync();

    [Fact]
    public async Task A_transfer_that_is_handed_over_again_debits_once()
    {
        await _bank.OpenAsync("a", 100);
        await _bank.OpenAsync("b", 0);
        var hold = _bank.HoldAt("transfer-requested");
        Assert.Null((await _bank.RequestAsync("t", "a", "b", 30)).Refusal);

        // As a silo sent it that ended before it knew the answer: an amount in the decimals of its currency.
        Assert.Equal(70, (await DebitAsync(await RequestedAsync())).Account.Balance);
        await HandleOthersAsync(Others);
        hold.Open();

        Assert.Equal(TransferStatus.Completed, (await _bank.EndedAsync("t")).Status);
        Assert.Equal((70 + Others, 30), (await _bank.BalanceAsync("a"), await _bank.BalanceAsync("b")));
    }

    [Fact]
    public async Task A_refusal_is_found_like_a_debit()
    {
        await _bank.OpenAsync("a", 10);
        await _bank.OpenAsync("b", 0);
        var hold = _bank.HoldAt("transfer-requested");
        await _bank.RequestAsync("t", "a", "b", 30);
        Assert.Equal(RefusalCodes.InsufficientFunds, (await DebitAsync(await RequestedAsync())).Refusal);

        // By now the account could pay.
        await HandleOthersAsync(Others);
        hold.Open();
        Assert.Equal(TransferStatus.Rejected, (await _bank.EndedAsync("t")).Status);
        Assert.Equal((10 + Others, 0), (await _bank.BalanceAsync("a"), await _bank.BalanceAsync("b")));
    }

    [Fact]
    public async Task It_is_found_by_an_activation_that_begins_later_and_by_many_at_once()
    {
        await _bank.OpenAsync("a", 100);
        var since = TimeProvider.System.GetUtcNow();
        await DebitAsync("debit");
        await HandleOthersAsync(Others);
        await _bank.Account("a").AsReference<IGrainManagementExtension>().DeactivateOnIdle(Token);
        CommandCause.Set(since);
        var answers = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => DebitAsync("debit")));

        Assert.All(answers, static answer => Assert.Equal(70, answer.Account.Balance));
        Assert.Equal(70 + Others, await _bank.BalanceAsync("a"));
    }

    [Fact]
    public async Task A_found_command_with_other_content_is_refused()
    {
        await _bank.OpenAsync("a", 100);
        var since = TimeProvider.System.GetUtcNow();
        await DebitAsync("debit");
        await HandleOthersAsync(Others);
        CommandCause.Set(since);
        await Assert.ThrowsAsync<CommandIdReusedException>(
            () => _bank.Account("a").Withdraw(new(31, "EUR", "debit")));
    }

    [Fact]
    public async Task Nothing_is_read_for_a_command_that_is_sent_first_or_is_kept_or_where_all_are_kept()
    {
        await _bank.OpenAsync("a", 100);
        await HandleOthersAsync(CommandMemory.KeptMax - 3);
        var reads = _store.StreamReads;
        await SendAgainAsync("few");
        Assert.Equal(reads, _store.StreamReads);

        // Now there are more than the account keeps.
        await HandleOthersAsync(Others);
        reads = _store.StreamReads;
        await DebitAsync("kept");
        await SendAgainAsync("kept");
        await DebitAsync("first");
        Assert.Equal(reads, _store.StreamReads);

        await SendAgainAsync("again");
        Assert.NotEqual(reads, _store.StreamReads);
    }

    private async Task SendAgainAsync(string id)
    {
        CommandCause.Set(TimeProvider.System.GetUtcNow());
        await DebitAsync(id);
    }

    private Task<AccountAnswer> DebitAsync(string id) => _bank.Account("a").Withdraw(new(30.00m, "EUR", id));

    private async Task HandleOthersAsync(int count)
    {
        for (var at = 0; at < count; at++)
            Assert.Null((await _bank.Account("a").Deposit(new(1, "EUR", $"other-{count}-{at}"))).Refusal);
    }

    // The id of the debit that follows from the request.
    private async Task<string> RequestedAsync()
    {
        var stream = new StreamName("transfer", "t");
        var page = await _store.ReadStreamForwardAsync(stream, default, 1, Token);
        var id = EffectIds.Of(stream.ToString(), page.Events[0].Id, 0);
        return new ProcessContext(page.Events[0], id, Token).CommandId("debit");
    }
}
