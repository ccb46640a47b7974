using Microsoft.Extensions.DependencyInjection;

namespace Granary.Benchmarks;

/// <summary>A silo on the store in memory: what is measured is what stands before the store.</summary>
internal static class MemorySilo
{
    public static BenchSilo Start() =>
        BenchSilo.StartAsync(static silo => silo.AddGranary().UseMemory()).GetAwaiter().GetResult();

    public static void Stop(BenchSilo silo) => silo.DisposeAsync().AsTask().GetAwaiter().GetResult();

    public static T Get<T>(BenchSilo silo)
        where T : notnull => silo.Services.GetRequiredService<T>();
}
