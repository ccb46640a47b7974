using System.Reflection;
using Granary;
using Granary.Runtime;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Orleans.Hosting;

/// <summary>Adds projections.</summary>
public static class ProjectionsGranaryBuilderExtensions
{
    /// <summary>
    /// Adds a <see cref="Projection{TModel}"/>: the silos fold the log into its models, each partition of the log in
    /// one
    /// of them. The class is made once a silo, with the silo's services as its constructor's arguments. An <see
    /// cref="IModelReader{TModel}"/> of its models is added too, also as a service with the projection's name as its
    /// key: where several projections have one type of model, it is got by the name.
    /// </summary>
    /// <typeparam name="TProjection">The projection.</typeparam>
    /// <exception cref="ArgumentException">The class is no projection.</exception>
    public static IGranaryBuilder AddProjection<TProjection>(this IGranaryBuilder builder)
        where TProjection : class
    {
        var create = CreatorOf<TProjection>(builder.Services);
        builder.Services.AddSingleton(create);
        return builder;
    }

    /// <summary>
    /// Adds a <see cref="Projection{TModel}"/> whose models are live: each is folded from its stream when it is read,
    /// so that it is as new as the store, and nothing is stored. A model is read by its key alone, through the <see
    /// cref="IModelReader{TModel}"/> that is added too; to list or search models, use <see cref="AddProjection"/>.
    /// </summary>
    /// <remarks>
    /// A read costs more the longer the stream is: at <see cref="Granary.GranaryLimits.LiveModelEventsMax"/> events it
    /// is refused. The silo does not start where the projection reads several categories or declares keys.
    /// </remarks>
    /// <typeparam name="TProjection">The projection.</typeparam>
    /// <exception cref="ArgumentException">The class is no projection.</exception>
    public static IGranaryBuilder AddLiveProjection<TProjection>(this IGranaryBuilder builder)
        where TProjection : class
    {
        var create = CreatorOf<TProjection>(builder.Services);
        builder.Services.AddSingleton(provider => new LiveProjection(create(provider)));
        return builder;
    }

    private static Func<IServiceProvider, IProjection> CreatorOf<TProjection>(IServiceCollection services)
        where TProjection : class
    {
        var type = typeof(TProjection);
        while (type is not null && !(type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Projection<>)))
            type = type.BaseType;
        if (type is null)
            throw new ArgumentException($"{typeof(TProjection)} is no projection. Derive it from Projection<TModel>.");
        var registered = typeof(RegisteredProjection<>).MakeGenericType(type.GetGenericArguments());
        AddReader(services, type.GetGenericArguments()[0], typeof(TProjection));
        return provider => (IProjection)ActivatorUtilities.CreateInstance(
            provider, registered, ActivatorUtilities.CreateInstance<TProjection>(provider));
    }

    private static void AddReader(IServiceCollection services, Type model, Type projection)
    {
        var name = projection.GetCustomAttribute<ProjectionAttribute>(inherit: false)?.Name
            ?? throw new ArgumentException(
                $"{projection} has no name. Mark it as in [Projection(\"balances\")].");
        var type = typeof(IModelReader<>).MakeGenericType(model);
        var made = typeof(ModelReader<>).MakeGenericType(model);
        services.AddKeyedSingleton(type, name, (provider, _) => Activator.CreateInstance(
            made,
            provider.GetRequiredService<IGrainFactory>(),
            name,
            provider.GetRequiredService<IOptions<GranaryEventOptions>>().Value.Json)!);
        services.AddSingleton(new RegisteredReader(type, name));
        services.TryAddSingleton(type, provider => Single(provider, type));
    }

    private static object Single(IServiceProvider services, Type reader)
    {
        string[] names =
        [
            .. services.GetServices<RegisteredReader>().Where(one => one.Reader == reader)
                .Select(static one => one.Projection).Distinct(StringComparer.Ordinal),
        ];
        return names.Length == 1
            ? services.GetRequiredKeyedService(reader, names[0])
            : throw new InvalidOperationException(
                $"The projections {string.Join(", ", names)} have one type of model, "
                + $"{reader.GetGenericArguments()[0]}. Say which one is read, as in "
                + $"[FromKeyedServices(\"{names[0]}\")].");
    }

    private sealed record RegisteredReader(Type Reader, string Projection);
}
