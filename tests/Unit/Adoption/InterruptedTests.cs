using Granary.Testing;
using Orleans.Runtime.Placement;
using static Granary.Tests.Unit.Adoption.NewSystem;

namespace Granary.Tests.Unit.Adoption;

/// <summary>
/// An adoption that takes several appends is interrupted, or two silos have it at once, or the old log is in use: the
/// stream has the whole log, once, before any other event.
/// </summary>
public sealed class InterruptedTests(OldLogs logs) : IClassFixture<OldLogs>
{
    private readonly OldStorage _old = logs.Logs;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(6)]
    public async Task Another_silo_goes_on_where_one_was_killed(int appends)
    {
        var system = new NewSystem(_old, appendEventsMax: 4);
        await AdoptPartlyAsync(system, appends);
        Assert.Equal(4 * appends, (await system.ReadAsync("long")).Count);

        await using var next = await system.StartAsync(store: system.AnotherStore());

        Assert.Equal(OldLogs.LongCount + 1, await Pages(next, "long").Add("new"));
        Assert.Equal(OldLogs.LongTexts.Append("new"), await system.ReadTextsAsync("long"));
        Assert.Equal(
            Enumerable.Range(1, OldLogs.LongCount).Select(static at => $"{at}/{OldLogs.LongCount}"),
            (await system.ReadAsync("long")).Take(OldLogs.LongCount)
                .Select(static one => one.Metadata.Find("granary.adopted")));
    }

    [Fact]
    public async Task A_lost_answer_adopts_nothing_twice()
    {
        var system = new NewSystem(_old, appendEventsMax: 4);
        await using var cluster = await system.StartAsync();
        system.Store.FailAfterCommit(2);

        Assert.Equal(OldLogs.LongTexts, await Pages(cluster, "long").Read());

        Assert.Equal(OldLogs.LongTexts, await system.ReadTextsAsync("long"));
    }

    [Theory]
    [InlineData(GranaryLimits.AppendEventsMax)]
    [InlineData(4)]
    public async Task Two_silos_at_once_adopt_once(int appendEventsMax)
    {
        var system = new NewSystem(_old, appendEventsMax);
        var another = system.AnotherStore();
        var (one, other) = (system.Store.HoldNextCommit(), another.HoldNextCommit());
        await using var here = await system.StartAsync();
        await using var there = await system.StartAsync(store: another);
        var reading = new[] { Pages(here, "long").Read(), Pages(there, "long").Read() };
        await Task.WhenAll(one.Reached, other.Reached).WaitAsync(Token);

        one.Open();
        other.Open();

        foreach (var read in reading) Assert.Equal(OldLogs.LongTexts, await read);
        Assert.Equal(OldLogs.LongTexts, await system.ReadTextsAsync("long"));
        await Task.WhenAll(Pages(here, "long").Add("here"), Pages(there, "long").Add("there"));
        Assert.Equal(OldLogs.LongCount + 2, (await system.ReadAsync("long")).Count);
    }

    [Fact]
    public async Task A_slow_silo_does_not_adopt_what_was_cleared_meanwhile()
    {
        var system = new NewSystem(_old);
        var another = system.AnotherStore();
        var gate = another.HoldNextCommit();
        await using var here = await system.StartAsync();
        await using var there = await system.StartAsync(store: another);
        var reading = Pages(there, "short").Read();
        await gate.Reached.WaitAsync(Token);
        await Pages(here, "short").Read();
        await Pages(here, "short").Clear();

        gate.Open();

        Assert.Empty(await reading);
        Assert.Empty(await system.ReadAsync("short"));
    }

    [Fact]
    public async Task A_silo_that_does_not_adopt_refuses_a_stream_that_is_adopted_in_part()
    {
        var system = new NewSystem(_old, appendEventsMax: 4);
        await AdoptPartlyAsync(system, appends: 1);
        await using var cluster = await system.StartAsync(static _ => { }, system.AnotherStore());

        var error = await Assert.ThrowsAsync<AdoptionFailedException>(() => Pages(cluster, "long").Add("new"));

        Assert.Equal(OldStorage.Name, error.Storage);
        Assert.Contains("AdoptLogStorage", error.Message, StringComparison.Ordinal);
        Assert.Equal(4, (await system.ReadAsync("long")).Count);
    }

    [Fact]
    public async Task A_silo_that_does_not_adopt_puts_no_event_into_the_middle()
    {
        var system = new NewSystem(_old, appendEventsMax: 4);
        await using var without = await system.StartAsync(static _ => { }, system.AnotherStore());
        Assert.Empty(await Pages(without, "long").Read());
        await AdoptPartlyAsync(system, appends: 1);

        await Assert.ThrowsAnyAsync<GranaryException>(() => Pages(without, "long").Add("in between"));

        await using var next = await system.StartAsync(store: system.AnotherStore());
        Assert.Equal(OldLogs.LongTexts, await Pages(next, "long").Read());
    }

    [Fact]
    public async Task A_silo_that_does_not_adopt_and_appends_first_is_reported()
    {
        var system = new NewSystem(_old);
        await using var without = await system.StartAsync(static _ => { }, system.AnotherStore());
        var gate = system.Store.HoldNextCommit();
        await using var adopting = await system.StartAsync();
        var reading = Pages(adopting, "short").Read();
        await gate.Reached.WaitAsync(Token);
        await Pages(without, "short").Add("first");

        gate.Open();

        await Assert.ThrowsAsync<AdoptionFailedException>(() => reading);
        Assert.Equal(["first"], await system.ReadTextsAsync("short"));
    }

    [Fact]
    public async Task What_a_silo_still_writes_to_the_old_log_is_adopted_too()
    {
        OnReads(static read => read == 1 ? 2 : 4);
        var system = new NewSystem(_old);
        await using var cluster = await system.StartAsync();

        Assert.Equal(OldLogs.LongTexts[..4], await Pages(cluster, "growing").Read());

        Assert.Equal(2, system.Store.Commits);
        Assert.Equal(3, _old.Reads);
    }

    [Fact]
    public async Task An_old_log_that_is_another_one_meanwhile_is_reported()
    {
        OnReads(static read => read == 1 ? 4 : 2);
        var system = new NewSystem(_old);
        await using var cluster = await system.StartAsync();

        var error = await Assert.ThrowsAsync<AdoptionFailedException>(() => Pages(cluster, "growing").Read());

        Assert.Contains("Stop every silo", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_old_log_that_grows_all_the_time_is_reported()
    {
        OnReads(static read => read);
        var system = new NewSystem(_old);
        await using var cluster = await system.StartAsync();

        await Assert.ThrowsAsync<AdoptionFailedException>(() => Pages(cluster, "growing").Read());

        Assert.InRange(_old.Reads, 2, OldLogs.LongCount - 1);
    }

    [Fact]
    public async Task A_part_whose_log_is_gone_is_reported()
    {
        var system = new NewSystem(_old, appendEventsMax: 4);
        await AdoptPartlyAsync(system, appends: 2);
        _old["long"] = _old["short"];

        await using var next = await system.StartAsync(store: system.AnotherStore());

        await Assert.ThrowsAsync<AdoptionFailedException>(() => Pages(next, "long").Read());
        Assert.Equal(8, (await system.ReadAsync("long")).Count);
    }

    [Fact]
    public async Task A_silo_of_the_cluster_goes_on_where_the_killed_one_ended()
    {
        var system = new NewSystem(_old, appendEventsMax: 4);
        await using var cluster = await GranaryTestCluster.StartAsync(new()
        {
            SiloCount = 2,
            Store = system.Store,
            Configure = (silo, granary) =>
            {
                _old.AddTo(silo);
                granary.AdoptLogStorage(OldStorage.Name);
            },
        });
        var killed = cluster.Cluster.Silos[1];
        RequestContext.Set(IPlacementDirector.PlacementHintKey, killed.SiloAddress);
        var passed = system.Store.HoldNextCommit();
        var held = system.Store.HoldNextCommit();
        var lost = Pages(cluster, "long").Read();
        await passed.Reached.WaitAsync(Token);
        passed.Open();
        await held.Reached.WaitAsync(Token);
        RequestContext.Clear();

        await cluster.Cluster.KillSiloAsync(killed, Token);
        held.Open();

        Assert.Equal(OldLogs.LongTexts, await Pages(cluster, "long").Read());
        Assert.Equal(OldLogs.LongTexts, await system.ReadTextsAsync("long"));
        await ((Task)lost).ConfigureAwait(
            ConfigureAwaitOptions.ContinueOnCapturedContext | ConfigureAwaitOptions.SuppressThrowing);
    }

    // As another silo would: each read finds a log of so many events.
    private void OnReads(Func<int, int> countAt) => _old.OnRead = read =>
    {
        var found = logs.Growing[countAt(read) - 1];
        if (!found.SequenceEqual(_old["growing"])) _old["growing"] = found;
        return Task.CompletedTask;
    };

    // A silo whose store is away from one append on, and that is then gone.
    private static async Task AdoptPartlyAsync(NewSystem system, int appends)
    {
        var store = system.AnotherStore();
        var gates = Enumerable.Range(0, appends + 1).Select(_ => store.HoldNextCommit()).ToArray();
        await using var cluster = await system.StartAsync(
            static granary => granary.AdoptLogStorage(OldStorage.Name)
                .ConfigureJournal(static options => options.RetryTimeoutMs = 1), store);
        var reading = Pages(cluster, "long").Read();
        foreach (var gate in gates[..appends])
        {
            await gate.Reached.WaitAsync(Token);
            gate.Open();
        }

        await gates[appends].Reached.WaitAsync(Token);
        store.FailBeforeCommit(int.MaxValue);
        gates[appends].Open();
        await Assert.ThrowsAnyAsync<GranaryException>(() => reading);
    }
}
