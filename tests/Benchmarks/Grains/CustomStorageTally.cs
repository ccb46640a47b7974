using Orleans.EventSourcing.CustomStorage;
using Orleans.Providers;

namespace Granary.Benchmarks;

/// <summary>On Orleans' CustomStorage over an indexed table, one transaction a write.</summary>
[GrainType(Kind), LogConsistencyProvider(ProviderName = Kind)]
public sealed class CustomStorageTally(Departures departures, IndexedTable table)
    : JournaledTally(departures), ICustomStorageInterface<TallyState, Noted>
{
    internal const string Kind = "bench-custom-storage";

    /// <inheritdoc />
    public async Task<KeyValuePair<int, TallyState>> ReadStateFromStorage()
    {
        var state = new TallyState();
        foreach (var noted in await table.ReadAsync(this.GetPrimaryKeyLong())) state.Apply(noted);
        return new((int)state.Events, state);
    }

    /// <inheritdoc />
    public Task<bool> ApplyUpdatesToStorage(IReadOnlyList<Noted> updates, int expectedVersion) =>
        table.AppendAsync(this.GetPrimaryKeyLong(), expectedVersion, updates);
}
