using Orleans.TestingHost;

namespace Granary.Tests.Unit.Hosting;

/// <summary>A cluster of one silo that a test configures from nothing.</summary>
internal static class TestSilo
{
    public static async Task<InProcessTestCluster> StartAsync(Action<ISiloBuilder> configure)
    {
        var builder = new InProcessTestClusterBuilder(1);
        builder.ConfigureSilo((_, silo) => configure(silo));
        var cluster = builder.Build();
        try
        {
            await cluster.DeployAsync();
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }

        return cluster;
    }

    /// <summary>The error of its type with which a silo that is configured so does not start.</summary>
    public static async Task<TError> FailToStartAsync<TError>(Action<ISiloBuilder> configure)
        where TError : Exception
    {
        var thrown = await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            await using var cluster = await StartAsync(configure);
        });
        return Assert.Single(Flat(thrown).OfType<TError>());
    }

    private static IEnumerable<Exception> Flat(Exception error) => error switch
    {
        AggregateException many => many.InnerExceptions.SelectMany(Flat),
        { InnerException: { } inner } => Flat(inner).Prepend(error),
        _ => [error],
    };
}
