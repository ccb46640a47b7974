using Granary;
using Granary.Runtime;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Orleans.EventSourcing;
using Orleans.Metadata;

namespace Orleans.Hosting;

/// <summary>Adds Granary to a silo.</summary>
public static class GranarySiloBuilderExtensions
{
    /// <summary>
    /// Makes Granary the log-consistency provider of the silo: for grains that name the provider <c>Granary</c>, and
    /// for all that name none, whatever other providers are registered before or after. Choose a store on the builder
    /// that it returns, as in <c>AddGranary().UseSqlite()</c>. Called again, it adds nothing and returns a builder for
    /// the same services.
    /// </summary>
    /// <remarks>
    /// The silo does not start, with an <see cref="OrleansConfigurationException"/>, where it has no store or
    /// more than one, or where another provider is registered as the default or under the name <c>Granary</c>.
    /// </remarks>
    public static IGranaryBuilder AddGranary(this ISiloBuilder builder)
    {
        var services = builder.Services;
        if (services.All(static one => one.ServiceType != typeof(GranaryLogConsistencyProvider))) Add(builder);
        return new GranaryBuilder(services);
    }

    private static void Add(ISiloBuilder builder)
    {
        var services = builder.Services;
        services.AddSingleton<IConfigurationValidator>(new GranaryConfigurationValidator(services));
        services.TryAddSingleton<IEventStore>(GranaryConfigurationValidator.NoEventStore);
        services.TryAddSingleton<ISnapshotStore>(GranaryConfigurationValidator.NoSnapshotStore);
        services.TryAddSingleton(TimeProvider.System);
        services.AddOptions<JournalOptions>().ValidateDataAnnotations().ValidateOnStart();
        services.TryAddEnumerable(
            ServiceDescriptor.Singleton<IValidateOptions<JournalOptions>, JournalOptionsValidator>());
        services.AddGranaryAppender();
        services.AddGranaryCommitService();
        services.AddGranaryEvents();
        services.AddGranarySnapshots();
        services.AddGranaryAdoption();
        services.AddGranaryReaders();
        builder.AddGranaryHistory();
        builder.AddGranaryRetention();

        services.TryAddSingleton<JournalServices>();
        services.TryAddSingleton<GrainStreams>();
        services.AddSingleton<IGrainPropertiesProvider, GrainKeyProperties>();
        services.AddSingleton<IConfigureGrainContextProvider, MigrationConfigurator>();
        services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>, HandOver>();
        services.TryAddSingleton<Factory<IGrainContext, ILogConsistencyProtocolServices>>(static provider =>
        {
            var create = ActivatorUtilities.CreateFactory(typeof(ProtocolServices), [typeof(IGrainContext)]);
            return context => (ILogConsistencyProtocolServices)create(provider, [context]);
        });
        AddProvider(services);
    }

    // Orleans' own providers register themselves as the default where there is none yet. The last registration counts,
    // so this one is the default after them as well. An attribute without a name means the provider "Default".
    private static void AddProvider(IServiceCollection services)
    {
        services.AddSingleton<GranaryLogConsistencyProvider>();
        services.AddSingleton(typeof(ILogViewAdaptorFactory), GranaryLogConsistencyProvider.Resolve);
        foreach (var name in GranaryLogConsistencyProvider.Names)
            services.AddKeyedSingleton(
                typeof(ILogViewAdaptorFactory), name, GranaryLogConsistencyProvider.ResolveNamed);
    }

    private sealed class GranaryBuilder(IServiceCollection services) : IGranaryBuilder
    {
        public IServiceCollection Services => services;
    }
}
