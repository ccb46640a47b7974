using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Granary.Runtime;

internal static class AdoptionRegistration
{
    public static void AddGranaryAdoption(this IServiceCollection services)
    {
        services.AddOptions<AdoptionRules>();
        services.TryAddSingleton<AdoptionSources>();
        services.AddSingleton<IConfigurationValidator>(provider =>
            new AdoptionValidator(services, provider.GetRequiredService<IOptions<AdoptionRules>>()));
    }
}
