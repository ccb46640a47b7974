using Microsoft.Extensions.DependencyInjection;
using Orleans.EventSourcing;
using Orleans.Providers;

namespace Granary.Runtime;

/// <summary>
/// Checks at the silo's start what was registered before and after <c>AddGranary</c>. It reads the registrations and
/// creates nothing: two stores on one file would otherwise both be opened.
/// </summary>
internal sealed class GranaryConfigurationValidator(IServiceCollection services) : IConfigurationValidator
{
    /// <summary>
    /// The registration of the event store until one is chosen. A container that checks its registrations when it is
    /// built would otherwise report every class that needs a store, and not the reason.
    /// </summary>
    public static readonly Func<IServiceProvider, IEventStore> NoEventStore =
        static _ => throw Missing("event store");

    /// <summary>The registration of the snapshot store until one is chosen.</summary>
    public static readonly Func<IServiceProvider, ISnapshotStore> NoSnapshotStore =
        static _ => throw Missing("snapshot store");

    /// <summary>Checks the stores and the providers.</summary>
    /// <exception cref="OrleansConfigurationException">
    /// There is no store or more than one, or another provider is registered instead of Granary.
    /// </exception>
    public void ValidateConfiguration()
    {
        ThrowUnlessOne(typeof(IEventStore), "event store");
        ThrowUnlessOne(typeof(ISnapshotStore), "snapshot store");
        ThrowIfOtherDefault();
        ThrowIfOtherIsNamed(
            ProviderConstants.DEFAULT_LOG_CONSISTENCY_PROVIDER_NAME,
            "is registered as the default log-consistency provider, and Granary is the default of this silo. Register "
            + "it under a name of its own (as in AddLogStorageBasedLogConsistencyProvider(\"LogStorage\")) and put "
            + "[LogConsistencyProvider(ProviderName = \"...\")] on the grains that keep their events there.");
        ThrowIfOtherIsNamed(
            GranaryNames.LogConsistencyProvider,
            "is registered as the log-consistency provider named Granary. Give it another name.");
    }

    private void ThrowUnlessOne(Type service, string what)
    {
        var found = services.Where(one => one.ServiceType == service
            && !one.IsKeyedService
            && one.ImplementationFactory != NoEventStore
            && one.ImplementationFactory != NoSnapshotStore).ToArray();
        if (found.Length == 0) throw Missing(what);
        if (found.Length > 1)
            throw new OrleansConfigurationException(
                $"The silo has {found.Length} {what}s ({string.Join(", ", found.Select(Describe))}), and only the last "
                + "would be used. Choose one, once.");
    }

    private static OrleansConfigurationException Missing(string what) => new(
        $"The silo has no {what}. Choose a store on the builder that AddGranary returns, as in "
        + "AddGranary().UseSqlite() or AddGranary().UseMemory(). A store of your own is added with AddSingleton; "
        + "TryAddSingleton after AddGranary has no effect.");

    private void ThrowIfOtherDefault()
    {
        var last = services.Last(static one =>
            one.ServiceType == typeof(ILogViewAdaptorFactory) && !one.IsKeyedService);
        if (last.ImplementationFactory == GranaryLogConsistencyProvider.Resolve) return;
        throw new OrleansConfigurationException(
            $"{Describe(last)} was registered as the default log-consistency provider after AddGranary, and Granary is "
            + "the default of this silo. Register it under a name of its own, as a keyed service.");
    }

    private void ThrowIfOtherIsNamed(string name, string fault)
    {
        var other = services.FirstOrDefault(one => one.ServiceType == typeof(ILogViewAdaptorFactory)
            && one.IsKeyedService
            && name.Equals(one.ServiceKey)
            && one.KeyedImplementationFactory != GranaryLogConsistencyProvider.ResolveNamed);
        if (other is not null) throw new OrleansConfigurationException($"{Describe(other)} {fault}");
    }

    // A factory is described by the class that it is written in: what it returns is not known before it is called.
    private static string Describe(ServiceDescriptor one)
    {
        var type = one.IsKeyedService
            ? one.KeyedImplementationType
                ?? one.KeyedImplementationInstance?.GetType()
                ?? one.KeyedImplementationFactory!.Method.DeclaringType
            : one.ImplementationType
                ?? one.ImplementationInstance?.GetType()
                ?? one.ImplementationFactory!.Method.DeclaringType;
        while (type is { IsNested: true }) type = type.DeclaringType;
        return type?.FullName ?? "A factory";
    }
}
