namespace Granary.Benchmarks;

/// <summary>Grains in a silo of their own.</summary>
internal abstract class OrleansContestant(string kind) : IContestant
{
    private BenchSilo? _silo;
    private int _grains;

    public BenchSilo Silo => _silo ?? throw new InvalidOperationException("The silo was not started.");

    public string Kind => kind;

    protected int Grains => _grains;

    public async Task StartAsync(string folder) => _silo = await BenchSilo.StartAsync(silo => Configure(silo, folder));

    public Task<Outcome> RunAsync(Load load)
    {
        _grains = Math.Max(_grains, load.FirstGrain + load.Callers);
        return Callers.RunAsync(load, caller =>
        {
            var grain = Silo.Tally(kind, load.FirstGrain + caller);
            return load.EventsEach == 1 ? () => grain.Add(1) : () => grain.AddMany(load.EventsEach);
        });
    }

    /// <summary>Every grain is sent away and asked again: it has to read what is kept.</summary>
    public virtual async Task<long> CountAsync()
    {
        var counts = Enumerable.Range(0, _grains).Select(async at =>
        {
            var grain = Silo.Tally(kind, at);
            await Silo.LeaveAsync(grain);
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
