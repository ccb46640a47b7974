using Granary;
using Granary.Runtime;
using Orleans.Providers;

namespace Orleans.Hosting;

/// <summary>Chooses where snapshots are kept.</summary>
public static class GrainStorageSnapshotsGranaryBuilderExtensions
{
    /// <summary>
    /// Keeps snapshots in a grain storage of the silo, whatever store the events are in, as in
    /// <c>AddGranary().UsePostgres(...).UseGrainStorageSnapshots("snapshots")</c> beside
    /// <c>AddAzureBlobGrainStorage("snapshots", ...)</c>. Call it after the store is chosen, once.
    /// </summary>
    /// <remarks>
    /// <para>The snapshot that takes the place of the removed events of a truncated stream is kept by the store, in the
    /// transaction that removes them. Snapshots that the store has already are read as before.</para>
    /// <para>Snapshots of events that are cleared or truncated are removed from the grain storage before the events
    /// are. Where it cannot be reached, clearing and truncating fail with <see cref="StoreUnavailableException"/>;
    /// grains are read and written without it.</para>
    /// <para>All silos of the cluster need this line: one without it clears and truncates streams and leaves their
    /// snapshots in the grain storage. They are not used for anything, and go with the next snapshot of the
    /// stream.</para>
    /// </remarks>
    /// <param name="builder">The builder that <c>AddGranary</c> has returned.</param>
    /// <param name="name">The name that the grain storage is registered under; by default the default one.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="OrleansConfigurationException">
    /// No store is chosen yet, or this was called before. The silo does not start where it has no grain storage of that
    /// name.
    /// </exception>
    public static IGranaryBuilder UseGrainStorageSnapshots(
        this IGranaryBuilder builder, string name = ProviderConstants.DEFAULT_STORAGE_PROVIDER_NAME)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        builder.Services.AddGrainStorageSnapshots(name);
        return builder;
    }
}
