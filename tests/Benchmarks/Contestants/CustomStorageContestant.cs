using Microsoft.Extensions.DependencyInjection;

namespace Granary.Benchmarks;

/// <summary>Orleans' CustomStorage over an indexed SQLite table, one synced transaction a write.</summary>
internal sealed class CustomStorageContestant() : OrleansContestant(CustomStorageTally.Kind)
{
    public override Task<long> CountAsync() => Silo.Services.GetRequiredService<IndexedTable>().CountAsync();

    protected override void Configure(ISiloBuilder silo, string folder)
    {
        silo.AddCustomStorageBasedLogConsistencyProvider(CustomStorageTally.Kind);
        silo.Services.AddSingleton(_ => new IndexedTable(Path.Combine(folder, "indexed.db")));
    }
}
