using Granary.Runtime;
using Microsoft.Extensions.DependencyInjection;

namespace Orleans.Hosting;

/// <summary>Sets how the silo gathers appends into commits.</summary>
public static class AppenderGranaryBuilderExtensions
{
    /// <summary>
    /// Sets how the silo gathers appends into commits. Called again, it adds to what was set. A value out of its
    /// range stops the silo's start.
    /// </summary>
    public static IGranaryBuilder ConfigureAppender(this IGranaryBuilder builder, Action<AppenderOptions> configure)
    {
        builder.Services.Configure(configure);
        return builder;
    }
}
