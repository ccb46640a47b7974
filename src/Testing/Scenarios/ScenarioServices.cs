using System.Collections.Concurrent;
using System.Reflection;
using Granary.Runtime;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orleans.Serialization;

namespace Granary.Testing;

/// <summary>What a silo has for events: their names, formats, upcasters, and codecs.</summary>
internal sealed class ScenarioServices : IGranaryBuilder
{
    // Made once for the tests of an assembly's grains: Orleans' serializer takes a while to start.
    private static readonly ConcurrentDictionary<Assembly, IServiceProvider> Usual = new();

    private ScenarioServices(Assembly assembly)
    {
        Services.AddSerializer(builder => builder.AddAssembly(assembly));
        Services.AddGranaryEvents();
        Services.TryAddSingleton(TimeProvider.System);
    }

    public IServiceCollection Services { get; } = new ServiceCollection().AddLogging();

    /// <summary>The services for the grains of an assembly, with what a test adds to them.</summary>
    public static IServiceProvider For(Assembly assembly, Action<IGranaryBuilder>? configure) => configure is null
        ? Usual.GetOrAdd(assembly, static assembly => Build(assembly, null))
        : Build(assembly, configure);

    private static ServiceProvider Build(Assembly assembly, Action<IGranaryBuilder>? configure)
    {
        var builder = new ScenarioServices(assembly);
        configure?.Invoke(builder);
        return builder.Services.BuildServiceProvider();
    }
}
