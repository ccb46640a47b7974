using Microsoft.Extensions.Options;

namespace Granary.Silo;

/// <summary>
/// Holds back what the host and Orleans log of a failing start, each of them with the whole trace: the silo itself
/// reports the reason in one line. It also holds back one warning of Orleans' watchdog: its first check runs before the
/// time of the previous check is set, and so reports the time since the machine's start as a stall. Of a start that is
/// stopped it holds back all warnings of Orleans: each step that does not run to its end reports a failure. Where a
/// category is logged from Debug on, nothing is held back.
/// </summary>
internal sealed class StartLog : IPostConfigureOptions<LoggerFilterOptions>
{
    private static readonly string[] Held =
    [
        "Microsoft.Extensions.Hosting.Internal.Host", "Orleans.Runtime.SiloLifecycleSubject", "Orleans.Runtime.Silo",
        "Orleans.Runtime.Watchdog", "Granary.Runtime.AppenderLifecycle",
    ];

    private volatile bool _started;

    /// <summary>Is cancelled where the start is stopped.</summary>
    public CancellationToken Stop { get; set; }

    /// <summary>From now on everything is logged as configured.</summary>
    public void Open() => _started = true;

    /// <inheritdoc />
    public void PostConfigure(string? name, LoggerFilterOptions options)
    {
        var rules = options.Rules.ToArray();
        options.Rules.Clear();
        options.Rules.Add(new LoggerFilterRule(null, null, options.MinLevel, Filter(null)));
        foreach (var rule in rules)
        {
            options.Rules.Add(new LoggerFilterRule(
                rule.ProviderName, rule.CategoryName, rule.LogLevel,
                rule.LogLevel <= LogLevel.Debug ? rule.Filter : Filter(rule.Filter)));
        }
    }

    private Func<string?, string?, LogLevel, bool> Filter(Func<string?, string?, LogLevel, bool>? inner) =>
        (provider, category, level) => (_started || level < LogLevel.Warning || !IsHeld(category))
            && (inner is null || inner(provider, category, level));

    private bool IsHeld(string? category) => Held.Contains(category)
        || (Stop.IsCancellationRequested && category?.StartsWith("Orleans.", StringComparison.Ordinal) == true);
}
