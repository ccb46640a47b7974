using Granary.Contracts;
using Granary.Runtime;

namespace Granary.Tests.Unit.Ledger;

/// <summary>
/// A process that ends at any step of a transfer, before or after the step is written: another one brings the transfer
/// to its one end, and money is neither made nor lost.
/// </summary>
public sealed class TransferFaultTests
{
    private const decimal Full = 1_000_000_000_000_000m;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<int, bool> Steps(int count)
    {
        var steps = new TheoryData<int, bool>();
        for (var at = 1; at <= count; at++)
        {
            steps.Add(at, false);
            steps.Add(at, true);
        }

        return steps;
    }

    [Theory]
    [MemberData(nameof(Steps), 5)]
    public async Task A_transfer_that_ends_at_any_step_completes_once(int step, bool isWritten)
    {
        var (ended, from, to, types) = await RunAsync(step, isWritten, 5);
        Assert.Equal(TransferStatus.Completed, ended.Status);
        Assert.Equal((70m, 35m), (from, to));
        Assert.Equal(["transfer-requested", "transfer-debited", "transfer-credited", "transfer-completed"], types);
    }

    [Theory]
    [MemberData(nameof(Steps), 7)]
    public async Task A_transfer_that_ends_at_any_step_is_refunded_once(int step, bool isWritten)
    {
        var (ended, from, to, types) = await RunAsync(step, isWritten, Full);
        Assert.Equal((TransferStatus.Refunded, RefusalCodes.InvalidAmount), (ended.Status, ended.Refusal));
        Assert.Equal((100m, Full), (from, to));
        Assert.Equal(
            ["transfer-requested", "transfer-debited", "transfer-credit-refused", "transfer-refunded"], types);
    }

    private static async Task<(TransferView Ended, decimal From, decimal To, IReadOnlyList<string> Types)> RunAsync(
        int step, bool isWritten, decimal to)
    {
        var (memory, models) = (new MemoryEventStore(), new MemoryModelStore());
        // The store of a process that has ended does not come back: nothing is gained by trying for long.
        await using (var first = await Bank.StartAsync(new ScriptedEventStore(memory), models, retryMs: 100))
        {
            await first.OpenAsync("a", 100);
            await first.OpenAsync("b", to);
            first.Store.EndAt(step, isWritten);

            // The answer is lost where the process ends at the first step.
            var asked = first.RequestAsync("t", "a", "b", 30);
            await first.Store.Ended.WaitAsync(TimeSpan.FromSeconds(60), Token);
            _ = asked.ContinueWith(
                static one => one.Exception, Token, TaskContinuationOptions.None, TaskScheduler.Default);
        }

        await using var second = await Bank.StartAsync(new ScriptedEventStore(memory), models);
        Assert.Null((await second.RequestAsync("t", "a", "b", 30)).Refusal);
        var ended = await second.EndedAsync("t");
        return (ended, await second.BalanceAsync("a"), await second.BalanceAsync("b"), await second.TypesAsync("t"));
    }
}
