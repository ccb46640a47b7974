using Granary.Runtime;
using Microsoft.Extensions.DependencyInjection;

namespace Orleans.Hosting;

/// <summary>Sets what is kept of streams.</summary>
public static class RetentionGranaryBuilderExtensions
{
    /// <summary>
    /// Sets what is kept of each stream of a category. The silo removes the other events in the background, stream by
    /// stream, as <see cref="Granary.IRetentionExtension.Truncate"/> does. Called again for the same category, it adds
    /// to what was set. A rule without a bound, or with one out of its range, stops the silo's start.
    /// </summary>
    /// <param name="builder">The builder of <c>AddGranary</c>.</param>
    /// <param name="category">
    /// The category: the grain type of an aggregate, or any other where <see cref="RetentionRule.OfJsonStreams"/> is
    /// set.
    /// </param>
    /// <param name="configure">Sets the rule.</param>
    public static IGranaryBuilder AddRetention(
        this IGranaryBuilder builder, string category, Action<RetentionRule> configure)
    {
        ArgumentException.ThrowIfNullOrEmpty(category);
        ArgumentNullException.ThrowIfNull(configure);
        builder.Services.Configure<RetentionOptions>(options =>
        {
            if (!options.Rules.TryGetValue(category, out var rule)) options.Rules.Add(category, rule = new());
            configure(rule);
        });
        return builder;
    }

    /// <summary>Sets how often the rules of retention are applied.</summary>
    /// <param name="builder">The builder of <c>AddGranary</c>.</param>
    /// <param name="minutes">How often, in minutes, 0.1 to 43,200. Default 60.</param>
    public static IGranaryBuilder ApplyRetentionEvery(this IGranaryBuilder builder, double minutes)
    {
        builder.Services.Configure<RetentionOptions>(options => options.IntervalMinutes = minutes);
        return builder;
    }
}
