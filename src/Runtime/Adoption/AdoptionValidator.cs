using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans.Storage;

namespace Granary.Runtime;

/// <summary>
/// Checks at the silo's start that each storage that is adopted from is there, and that no two rules collide.
/// </summary>
internal sealed class AdoptionValidator(IServiceCollection services, IOptions<AdoptionRules> rules)
    : IConfigurationValidator
{
    /// <exception cref="OrleansConfigurationException">
    /// A storage is missing, or two rules are for the same grains.
    /// </exception>
    public void ValidateConfiguration()
    {
        var storages = services
            .Where(static one => one.IsKeyedService && one.ServiceType == typeof(IGrainStorage))
            .Select(static one => one.ServiceKey).ToArray();
        foreach (var rule in rules.Value.All)
        {
            if (storages.Contains(rule.Storage) || storages.Contains(KeyedService.AnyKey)) continue;
            throw new OrleansConfigurationException(
                $"{rule.Registration} names a grain storage that the silo does not have. Register it as it was "
                + $"registered before, as in AddAzureTableGrainStorage(\"{rule.Storage}\"), or correct the name. "
                + (storages.Length == 0 ? "The silo has none." : $"The silo has {string.Join(", ", storages)}."));
        }

        var colliding = rules.Value.All.GroupBy(static one => one.Target).FirstOrDefault(static one => one.Count() > 1);
        if (colliding is not null)
            throw new OrleansConfigurationException(
                $"{string.Join(" and ", colliding.Select(static one => one.Registration))} are for the same grains. "
                + "Register one of them, or name the grain class, as in AdoptLogStorage<OrderGrain>(\"orders\").");
    }
}
