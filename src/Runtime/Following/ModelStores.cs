using Microsoft.Extensions.DependencyInjection;

namespace Granary.Runtime;

/// <summary>The silo's model store.</summary>
internal static class ModelStores
{
    /// <summary>The model store, for what cannot do without.</summary>
    /// <exception cref="InvalidOperationException">The silo's store keeps no models.</exception>
    public static IModelStore Get(IServiceProvider services) => services.GetService<IModelStore>()
        ?? throw new InvalidOperationException(
            "The silo's store keeps no models: it registers no IModelStore. Use a store that does, as UseSqlite, "
            + "UsePostgres and UseMemory choose, or register an IModelStore.");
}
