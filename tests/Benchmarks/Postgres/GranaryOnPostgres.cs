using Granary.Tests;

namespace Granary.Benchmarks;

/// <summary>Granary on PostgreSQL, in a schema of its own.</summary>
/// <param name="partitions">How many partitions its log has; null for as many as it comes with.</param>
/// <param name="snapshots">False where replaying is what is measured.</param>
internal sealed class GranaryOnPostgres(int? partitions = null, bool snapshots = true) : OnGranaryCandidate
{
    private readonly BenchSchema _schema = new();

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await _schema.DisposeAsync();
    }

    protected override void Configure(ISiloBuilder silo, string folder) => silo.AddGranary()
        .UsePostgres(options =>
        {
            options.ConnectionString = PostgresServer.ConnectionString;
            options.Schema = _schema.Name;
            if (partitions is { } count) options.PartitionCount = count;
        })
        .ConfigureSnapshots(options => options.Enabled = snapshots);
}
