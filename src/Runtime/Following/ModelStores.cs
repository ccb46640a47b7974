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

    /// <summary>The model store in a database, for what writes in its transactions.</summary>
    /// <param name="services">The silo's services.</param>
    /// <param name="projection">What writes in them.</param>
    /// <exception cref="SqlModelsRequiredException">The silo's store is in none.</exception>
    public static ISqlModelStore GetSql(IServiceProvider services, string projection) =>
        OfSql(services.GetService<IModelStore>(), projection);

    /// <summary>A store as one in a database.</summary>
    /// <exception cref="SqlModelsRequiredException">It is in none.</exception>
    public static ISqlModelStore OfSql(IModelStore? models, string projection) =>
        models as ISqlModelStore ?? throw new SqlModelsRequiredException(projection, models?.GetType());
}
