using Granary.Silo;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Granary.Tests.Integration;

/// <summary>A request has no activity and no log scope where nothing reads them.</summary>
public sealed class RequestTracesTests
{
    private const string Requests = "Microsoft.AspNetCore.Hosting.Diagnostics";

    [Theory]
    [InlineData(false)]
    [InlineData(true, "Logging:LogLevel:Microsoft", "Information")]
    [InlineData(true, "Logging:LogLevel:Microsoft.AspNetCore.Hosting.Diagnostics", "Information")]
    [InlineData(true, "Logging:Console:FormatterOptions:IncludeScopes", "true")]
    [InlineData(false, "Logging:Console:FormatterOptions:IncludeScopes", "false")]
    [InlineData(false, "Logging:LogLevel:Granary", "Debug")]
    public void They_are_made_where_they_are_logged(bool made, string? name = null, string? value = null) =>
        Assert.Equal(made, AreMade(isTraced: false, name, value));

    [Fact]
    public void They_are_made_where_traces_are_exported() => Assert.True(AreMade(isTraced: true, null, null));

    // The framework makes both where its logger logs anything at all.
    private static bool AreMade(bool isTraced, string? name, string? value)
    {
        var configuration = new ConfigurationManager { ["Logging:LogLevel:Default"] = "Warning" };
        if (name is not null) configuration[name] = value;
        var services = new ServiceCollection();
        services.AddLogging(logging => logging.AddConfiguration(configuration.GetSection("Logging")).AddConsole());
        services.OmitUnread(configuration, isTraced);
        using var provider = services.BuildServiceProvider();
        var logger = provider.GetRequiredService<ILoggerFactory>().CreateLogger(Requests);
        Assert.True(provider.GetRequiredService<ILoggerFactory>().CreateLogger("Other")
            .IsEnabled(LogLevel.Critical));
        return logger.IsEnabled(LogLevel.Critical);
    }
}
