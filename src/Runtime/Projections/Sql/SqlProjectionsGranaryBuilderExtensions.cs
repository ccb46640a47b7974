using Granary;
using Granary.Runtime;
using Microsoft.Extensions.DependencyInjection;

namespace Orleans.Hosting;

/// <summary>Adds projections that write tables of their own.</summary>
public static class SqlProjectionsGranaryBuilderExtensions
{
    /// <summary>
    /// Adds an <see cref="ISqlProjection"/>. The class is made once a silo, with the silo's services as its
    /// constructor's arguments. What is wrong with it stops the silo's start, as a <see
    /// cref="SqlModelsRequiredException"/> where the silo's store is in no database.
    /// </summary>
    /// <typeparam name="TProjection">The projection.</typeparam>
    public static IGranaryBuilder AddSqlProjection<TProjection>(this IGranaryBuilder builder)
        where TProjection : class, ISqlProjection
    {
        builder.Services.AddSingleton(new SqlProjectionFactory(
            static provider => ActivatorUtilities.CreateInstance<TProjection>(provider)));
        return builder;
    }
}
