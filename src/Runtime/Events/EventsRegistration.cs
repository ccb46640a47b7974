using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Granary.Runtime;

internal static class EventsRegistration
{
    public static void AddGranaryEvents(this IServiceCollection services)
    {
        services.AddOptions<GranaryEventOptions>();
        services.TryAddSingleton<EventTypeRegistry>();
        services.TryAddSingleton<Upcasting>();
        services.TryAddSingleton<EventDecoder>();
        services.TryAddSingleton<IMetadataSource, MetadataSource>();
        services.TryAddSingleton(typeof(IEventCodec<>), typeof(EventCodec<>));
        services.TryAddEnumerable(
            ServiceDescriptor.Singleton<ILifecycleParticipant<ISiloLifecycle>, EventsLifecycle>());
    }
}
