using Granary.Runtime;
using Microsoft.Extensions.DependencyInjection;

namespace Orleans.Hosting;

/// <summary>Registers event types and upcasters.</summary>
public static class EventsGranaryBuilderExtensions
{
    /// <summary>Adds an upcaster; it is made once, from the silo's services.</summary>
    public static IGranaryBuilder AddUpcaster<TUpcaster>(this IGranaryBuilder builder)
        where TUpcaster : class, IUpcaster
    {
        builder.Services.AddSingleton<IUpcaster, TUpcaster>();
        return builder;
    }

    /// <summary>Names event types and sets how payloads are written.</summary>
    public static IGranaryBuilder ConfigureEvents(this IGranaryBuilder builder, Action<GranaryEventOptions> configure)
    {
        builder.Services.Configure(configure);
        return builder;
    }
}
