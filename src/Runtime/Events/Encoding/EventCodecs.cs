using Microsoft.Extensions.DependencyInjection;

namespace Granary.Runtime;

/// <summary>Finds the codec of a grain's events.</summary>
internal static class EventCodecs
{
    /// <summary>The registered codec; one of the application's own is checked.</summary>
    public static IEventCodec<TEvent> Of<TEvent>(IServiceProvider services)
        where TEvent : class
    {
        var codec = services.GetRequiredService<IEventCodec<TEvent>>();
        return codec is EventCodec<TEvent> ? codec : new CheckedEventCodec<TEvent>(codec);
    }
}
