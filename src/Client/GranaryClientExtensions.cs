using Granary.Client;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds the Granary client.</summary>
public static class GranaryClientExtensions
{
    // A silo that has joined is used after so long at the latest; Orleans' own value is a minute.
    private static readonly TimeSpan RefreshPeriod = TimeSpan.FromSeconds(10);

    /// <summary>Adds <see cref="IGranaryClient"/> to an application that is an Orleans client or a silo.</summary>
    public static IServiceCollection AddGranaryClient(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<ILogSource, ClusterLogSource>();
        services.TryAddSingleton<IGranaryClient, GranaryClient>();
        return services;
    }

    /// <summary>
    /// Makes an application a client of the cluster that the section <c>Granary</c> of its configuration names, and
    /// adds <see cref="IGranaryClient"/>. It has the settings of the cluster's silos: <c>Cluster</c> (localhost, redis,
    /// postgres or azure), <c>ClusterConnectionString</c>, <c>ClusterId</c> and <c>ServiceId</c>; with localhost,
    /// <c>GatewayPort</c> is that of the silo; where they have <c>Tls</c>, with a certificate of its own. For each
    /// other server the application references the package of Orleans' clustering. The client is connected to every
    /// silo, and goes on when one is lost: the calls that were on their way to it fail, and further ones go to those
    /// that remain. One that starts before every silo waits for one. An application that calls <c>UseOrleansClient</c>
    /// or <c>UseOrleans</c> itself calls
    /// <see cref="AddGranaryClient(IServiceCollection)"/> instead.
    /// </summary>
    /// <param name="builder">The application; its configuration is read now.</param>
    /// <param name="configure">Configures Orleans' client further, after the settings.</param>
    /// <exception cref="OptionsValidationException">
    /// A setting is wrong, or the package that it needs is missing; the message names it.
    /// </exception>
    public static IHostApplicationBuilder AddGranaryClient(
        this IHostApplicationBuilder builder, Action<IClientBuilder>? configure = null)
    {
        var settings = ClientSettings.Read(builder.Configuration);
        var tls = ClusterTls.Read(settings.Tls);
        ClusterLookup.AddTo(builder.Configuration, settings);
        builder.Services.AddGranaryClient();
        builder.Services.TryAddSingleton(settings);
        return builder.UseOrleansClient(client =>
        {
            if (settings.Cluster == ClientCluster.Localhost)
                client.UseLocalhostClustering(settings.GatewayPort);
            client.Configure<ClusterOptions>(ids =>
            {
                ids.ClusterId = settings.ClusterId;
                ids.ServiceId = settings.ServiceId;
            });
            client.Configure<GatewayOptions>(static gateways => gateways.GatewayListRefreshPeriod = RefreshPeriod);
            client.Services.AddSingleton<IClientConnectionRetryFilter, SiloWait>();
            if (tls is not null) client.UseTls(tls.Apply);
            configure?.Invoke(client);
        });
    }
}
