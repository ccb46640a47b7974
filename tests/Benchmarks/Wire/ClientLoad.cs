using Granary.Client;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Granary.Benchmarks;

/// <summary><c>Granary.Client</c> in an application that is an Orleans client of the silo.</summary>
internal sealed class ClientLoad(IHost host) : ILoad
{
    public static async Task<ILoad> StartAsync(int port)
    {
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        BenchSilo.LogErrorsOnly(builder.Logging);
        builder.UseOrleansClient(client => client.UseLocalhostClustering(port, "granary", "granary"));
        builder.Services.AddGranaryClient();
        var host = builder.Build();
        await host.StartAsync();
        return new ClientLoad(host);
    }

    public Task<Outcome> RunAsync(Load load)
    {
        var client = host.Services.GetRequiredService<IGranaryClient>();
        return Callers.RunAsync(load, at =>
        {
            var stream = StreamName.Parse($"{LoadKind.Client}/{at}");
            return () => client.AppendAsync(stream, GrainCalls.NewAppend(), CancellationToken.None);
        });
    }

    public async ValueTask DisposeAsync()
    {
        await host.StopAsync();
        host.Dispose();
    }
}
