using Granary.Runtime;
using Microsoft.Extensions.DependencyInjection;

namespace Orleans.Hosting;

/// <summary>Sets when snapshots are taken.</summary>
public static class SnapshotsGranaryBuilderExtensions
{
    /// <summary>
    /// Sets when snapshots are taken. Called again, it adds to what was set. A value out of its range stops the
    /// silo's start.
    /// </summary>
    public static IGranaryBuilder ConfigureSnapshots(this IGranaryBuilder builder, Action<SnapshotOptions> configure)
    {
        builder.Services.Configure(configure);
        return builder;
    }
}
