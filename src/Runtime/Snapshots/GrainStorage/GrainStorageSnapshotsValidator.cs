using Microsoft.Extensions.DependencyInjection;
using Orleans.Storage;

namespace Granary.Runtime;

/// <summary>Checks at the silo's start that the grain storage of the snapshots is there.</summary>
internal sealed class GrainStorageSnapshotsValidator(IServiceCollection services, string name) : IConfigurationValidator
{
    /// <exception cref="OrleansConfigurationException">It is not there.</exception>
    public void ValidateConfiguration()
    {
        var storages = services
            .Where(static one => one.IsKeyedService && one.ServiceType == typeof(IGrainStorage))
            .Select(static one => one.ServiceKey).ToArray();
        if (storages.Contains(name) || storages.Contains(KeyedService.AnyKey)) return;
        throw new OrleansConfigurationException(
            $"UseGrainStorageSnapshots(\"{name}\") names a grain storage that the silo does not have. Register it, as "
            + $"in AddAzureBlobGrainStorage(\"{name}\", ...), or correct the name. "
            + (storages.Length == 0 ? "The silo has none." : $"The silo has {string.Join(", ", storages)}."));
    }
}
