using System.Globalization;
using Microsoft.Extensions.DependencyInjection;

namespace Granary.Benchmarks;

/// <summary>Grains in a silo of their own.</summary>
internal abstract class OrleansCandidate(string kind) : IReplaying
{
    private BenchSilo? _silo;
    private int _grains;

    public BenchSilo Silo => _silo ?? throw new InvalidOperationException("The silo was not started.");

    public string Kind => kind;

    protected int Grains => _grains;

    public async Task StartAsync(string folder) => _silo = await BenchSilo.StartAsync(silo => Configure(silo, folder));

    public Task<Outcome> RunAsync(Load load)
    {
        _grains = Math.Max(_grains, Enumerable.Range(0, load.Callers).Max(load.GrainOf) + 1);
        return Callers.RunAsync(load, caller =>
        {
            var grain = Silo.Tally(kind, load.GrainOf(caller));
            return load.EventsEach == 1 ? () => grain.Add(1) : () => grain.AddMany(load.EventsEach);
        });
    }

    public Task UnloadAsync(int grain) => Silo.DeactivateAsync(Silo.Tally(kind, grain));

    public Task<long> ReplayAsync(int grain) => Silo.Tally(kind, grain).Count();

    /// <summary>Every grain is deactivated and called again: it has to read what is stored.</summary>
    public virtual async Task<long> CountAsync()
    {
        var counts = Enumerable.Range(0, _grains).Select(async at =>
        {
            var grain = Silo.Tally(kind, at);
            await Silo.DeactivateAsync(grain);
            return await grain.Count();
        });
        return (await Task.WhenAll(counts)).Sum();
    }

    public virtual async ValueTask DisposeAsync()
    {
        if (_silo is not null) await _silo.DisposeAsync();
    }

    protected abstract void Configure(ISiloBuilder silo, string folder);
}

/// <summary>Granary, on one of its stores.</summary>
internal abstract class OnGranaryCandidate() : OrleansCandidate(GranaryTally.Kind)
{
    public IEventStore Store => Silo.Services.GetRequiredService<IEventStore>();

    public static StreamName StreamOf(int grain) =>
        new(GranaryTally.Kind, grain.ToString(CultureInfo.InvariantCulture));

    /// <summary>Reads from the store where each stream ends.</summary>
    public override async Task<long> CountAsync()
    {
        var count = 0L;
        for (var grain = 0; grain < Grains; grain++)
            count += (await Store.ReadHeadAsync(StreamOf(grain), CancellationToken.None)).Version.Value;
        return count;
    }
}

/// <summary>Granary on SQLite, as it comes.</summary>
/// <param name="snapshots">False where replaying is what is measured.</param>
internal sealed class GranaryCandidate(bool snapshots = true) : OnGranaryCandidate
{
    protected override void Configure(ISiloBuilder silo, string folder)
    {
        silo.AddGranary()
            .UseSqlite(options => options.Path = Path.Combine(folder, "granary.db"))
            .ConfigureSnapshots(options => options.Enabled = snapshots);
    }
}

/// <summary>Grains that store nothing.</summary>
internal abstract class UnstoredCandidate(string kind) : OrleansCandidate(kind)
{
    /// <summary>
    /// They lose their state when they are deactivated, so they are only called: no call was left out.
    /// </summary>
    public override async Task<long> CountAsync() =>
        (await Task.WhenAll(Enumerable.Range(0, Grains).Select(at => Silo.Tally(Kind, at).Count()))).Sum();
}

/// <summary>Plain grain calls that store nothing: the upper limit of everything that is a grain.</summary>
internal sealed class PlainCandidate() : UnstoredCandidate(PlainTally.Kind)
{
    protected override void Configure(ISiloBuilder silo, string folder)
    {
    }
}

/// <summary>Orleans' LogStorage over storage in memory: nothing is durable.</summary>
internal sealed class LogStorageCandidate() : OrleansCandidate(LogStorageTally.Kind)
{
    protected override void Configure(ISiloBuilder silo, string folder) =>
        silo.AddMemoryGrainStorageAsDefault().AddLogStorageBasedLogConsistencyProvider(LogStorageTally.Kind);
}

/// <summary>Orleans' StateStorage over storage in memory: no events are kept, and nothing is durable.</summary>
internal sealed class StateStorageCandidate() : OrleansCandidate(StateStorageTally.Kind)
{
    protected override void Configure(ISiloBuilder silo, string folder) =>
        silo.AddMemoryGrainStorageAsDefault().AddStateStorageBasedLogConsistencyProvider(StateStorageTally.Kind);
}

/// <summary>Orleans' CustomStorage over an indexed SQLite table, one synced transaction a write.</summary>
internal sealed class CustomStorageCandidate() : OrleansCandidate(CustomStorageTally.Kind)
{
    public override Task<long> CountAsync() => Silo.Services.GetRequiredService<IndexedTable>().CountAsync();

    protected override void Configure(ISiloBuilder silo, string folder)
    {
        silo.AddCustomStorageBasedLogConsistencyProvider(CustomStorageTally.Kind);
        silo.Services.AddSingleton(_ => new IndexedTable(Path.Combine(folder, "indexed.db")));
    }
}
