using Granary.Runtime;
using Microsoft.Extensions.DependencyInjection;

namespace Orleans.Hosting;

/// <summary>Sets how models are checked.</summary>
public static class TruthCheckGranaryBuilderExtensions
{
    /// <summary>
    /// Sets how often the silo folds models of stored projections anew, and how many, to compare them with the rows.
    /// Called again, it adds to what was set. A value out of its range stops the silo's start.
    /// </summary>
    public static IGranaryBuilder ConfigureTruthCheck(
        this IGranaryBuilder builder, Action<TruthCheckOptions> configure)
    {
        builder.Services.Configure(configure);
        return builder;
    }
}
