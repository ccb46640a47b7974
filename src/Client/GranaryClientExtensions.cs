using Granary.Client;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds the Granary client.</summary>
public static class GranaryClientExtensions
{
    /// <summary>Adds <see cref="IGranaryClient"/> to an application that is an Orleans client or a silo.</summary>
    public static IServiceCollection AddGranaryClient(this IServiceCollection services)
    {
        services.TryAddSingleton<IGranaryClient, GranaryClient>();
        return services;
    }
}
