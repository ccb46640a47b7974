using System.Globalization;
using Microsoft.Extensions.DependencyInjection;

namespace Granary.Benchmarks;

/// <summary>Granary on SQLite, as it comes.</summary>
/// <param name="snapshots">False where replaying is what is measured.</param>
internal sealed class GranaryContestant(bool snapshots = true) : OrleansContestant(GranaryTally.Kind)
{
    public IEventStore Store => Silo.Services.GetRequiredService<IEventStore>();

    public static StreamName StreamOf(int grain) =>
        new(GranaryTally.Kind, grain.ToString(CultureInfo.InvariantCulture));

    /// <summary>The store is asked where each stream ends.</summary>
    public override async Task<long> CountAsync()
    {
        var count = 0L;
        for (var grain = 0; grain < Grains; grain++)
            count += (await Store.ReadHeadAsync(StreamOf(grain), CancellationToken.None)).Version.Value;
        return count;
    }

    protected override void Configure(ISiloBuilder silo, string folder)
    {
        silo.AddGranary()
            .UseSqlite(options => options.Path = Path.Combine(folder, "granary.db"))
            .ConfigureSnapshots(options => options.Enabled = snapshots);
    }
}
