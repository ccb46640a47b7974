using Granary.Runtime;

namespace Granary.Tests.Unit.Reactors;

/// <summary>Old effects leave the ledger, and none that is still needed.</summary>
public sealed class EffectPruningTests
{
    private readonly EffectBench _bench = new();

    [Fact]
    public async Task Effects_that_are_old_and_passed_are_removed_within_the_bound_and_the_others_stay()
    {
        await _bench.StartAsync();
        var handler = _bench.Handler(static (_, _) => Task.CompletedTask);
        var events = Enumerable.Range(0, 5).Select(i => _bench.Record($"s{i}")).ToArray();
        var waits = _bench.Record("z");
        await EffectBench.HandleAsync(handler, [.. events, waits]);
        await PassAsync(events[^1]);
        var document = ParkedRow.Describe(
            "mails", events[0], new InvalidOperationException(), 1, _bench.Time.GetUtcNow());
        await _bench.Models.CommitAsync(new ModelCommit(ParkedRow.Put(document, null)), EffectBench.Token);

        var options = new EffectLedgerOptions { KeepDays = 30, RemovedMax = 2 };
        var pruning = new EffectPruning(_bench.Models, _bench.Time, options);
        _bench.Time.Advance(TimeSpan.FromDays(29));
        Assert.Equal(0, await pruning.RunAsync(EffectBench.Token));
        _bench.Time.Advance(TimeSpan.FromDays(2));
        await EffectBench.HandleAsync(handler, _bench.Record("new"));
        for (var i = 0; i < 5; i++) Assert.InRange(await pruning.RunAsync(EffectBench.Token), 0, 2);

        // One is parked, one not passed, one new.
        Assert.Equal(3, (await _bench.Models.QueryAsync(
            new ModelQuery(EffectTables.Effects), EffectBench.Token)).Rows.Count);
        foreach (var one in new[] { events[0], waits })
            Assert.NotNull(await _bench.Ledger.FindAsync(EffectIds.Of("mails", one.Id, 0), EffectBench.Token));
    }

    private async Task PassAsync(RecordedEvent last)
    {
        var move = new CheckpointAdvance("mails", default, GlobalPosition.Zero, last.Position.Position, 1);
        var commit = new ModelCommit { Advance = new ModelAdvance(move, Guid.Empty, last.Id) };
        Assert.Equal(ModelCommitOutcome.Committed, await _bench.Models.CommitAsync(commit, EffectBench.Token));
    }
}
