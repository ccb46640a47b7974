namespace Granary.Silo;

/// <summary>
/// Leaves out what the framework makes for every request: an activity, and a log scope with its id. They are made where
/// traces are exported, requests are logged, or log messages show scopes; nothing reads them otherwise.
/// </summary>
internal static class RequestTraces
{
    // It logs requests, at the level Information and below, and begins the scope at any level but None.
    private const string Category = "Microsoft.AspNetCore.Hosting.Diagnostics";

    /// <summary>Leaves them out where nothing reads them.</summary>
    public static void OmitUnread(this IServiceCollection services, IConfiguration configuration, bool isTraced)
    {
        if (isTraced || ShowsScopes(configuration)) return;
        services.PostConfigure<LoggerFilterOptions>(static options =>
        {
            var rules = options.Rules.Where(static one => Matches(one.CategoryName)).ToArray();
            if (rules.Length > 0 && Array.TrueForAll(rules, static one => one.LogLevel > LogLevel.Information))
                options.Rules.Add(new LoggerFilterRule(null, Category, LogLevel.None, null));
        });
    }

    private static bool ShowsScopes(IConfiguration configuration) => configuration.GetSection("Logging").AsEnumerable()
        .Any(static one => one.Key.EndsWith(":IncludeScopes", StringComparison.OrdinalIgnoreCase)
            && bool.TryParse(one.Value, out var shows) && shows);

    private static bool Matches(string? category) =>
        category is null || Category.StartsWith(category, StringComparison.OrdinalIgnoreCase);
}
