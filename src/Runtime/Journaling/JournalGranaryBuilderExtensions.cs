using Granary.Runtime;
using Microsoft.Extensions.DependencyInjection;

namespace Orleans.Hosting;

/// <summary>Sets how grains' journals confirm their events.</summary>
public static class JournalGranaryBuilderExtensions
{
    /// <summary>
    /// Sets how grains' journals confirm their events. Called again, it adds to what was set. A value out of its
    /// range stops the silo's start.
    /// </summary>
    public static IGranaryBuilder ConfigureJournal(this IGranaryBuilder builder, Action<JournalOptions> configure)
    {
        builder.Services.Configure(configure);
        return builder;
    }
}
