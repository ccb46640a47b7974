using Granary.Runtime;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orleans.EventSourcing;

namespace Orleans.Hosting;

/// <summary>Puts a silo's journaled grains on Granary.</summary>
public static class GranarySiloBuilderExtensions
{
    /// <summary>
    /// Makes Granary the log-consistency provider of the silo: for grains that name the provider <c>Granary</c>, and
    /// for all that name none. A store is chosen on the builder that is handed out, as in
    /// <c>AddGranary().UseSqlite()</c>.
    /// </summary>
    public static IGranaryBuilder AddGranary(this ISiloBuilder builder, Action<JournalOptions>? configure = null)
    {
        var services = builder.Services;
        services.TryAddSingleton(TimeProvider.System);
        services.AddOptions<JournalOptions>().ValidateDataAnnotations().ValidateOnStart();
        if (configure is not null) services.Configure(configure);

        services.AddGranaryAppender();
        services.AddGranaryEvents();
        services.AddGranarySnapshots();
        builder.AddGranaryHistory();

        services.TryAddSingleton<JournalServices>();
        services.TryAddSingleton<GranaryLogConsistencyProvider>();
        services.AddKeyedSingleton<ILogViewAdaptorFactory>(
            GranaryLogConsistencyProvider.Name,
            static (provider, _) => provider.GetRequiredService<GranaryLogConsistencyProvider>());
        services.TryAddSingleton<ILogViewAdaptorFactory>(
            static provider => provider.GetRequiredService<GranaryLogConsistencyProvider>());
        services.AddSingleton<IConfigureGrainContextProvider, MigrationConfigurator>();
        services.TryAddSingleton<Factory<IGrainContext, ILogConsistencyProtocolServices>>(static provider =>
        {
            var create = ActivatorUtilities.CreateFactory(typeof(ProtocolServices), [typeof(IGrainContext)]);
            return context => (ILogConsistencyProtocolServices)create(provider, [context]);
        });
        return new GranaryBuilder(services);
    }

    private sealed class GranaryBuilder(IServiceCollection services) : IGranaryBuilder
    {
        public IServiceCollection Services => services;
    }
}
