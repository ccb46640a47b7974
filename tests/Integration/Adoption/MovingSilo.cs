using System.Globalization;
using Azure.Data.Tables;
using Microsoft.Extensions.Hosting;

namespace Granary.Tests.Integration;

/// <summary>
/// A silo of an application as a process of its own, before it moves to Granary or after: <c>moving-silo</c>, <c>before
/// </c> or <c>after</c>, the ports of silo and gateway, the service's id, and the new store's path. The connection
/// string of the account is in its environment.
/// </summary>
internal static class MovingSilo
{
    public const string Mode = "moving-silo";
    public const string Before = "before";
    public const string After = "after";
    public const string Ready = "ready";
    public const string AccountVariable = "MOVING_SILO_ACCOUNT";

    public static async Task<int> RunAsync(IReadOnlyList<string> arguments)
    {
        var (isBefore, service, path) = (arguments[0] == Before, arguments[3], arguments[4]);
        var siloPort = int.Parse(arguments[1], CultureInfo.InvariantCulture);
        var gatewayPort = int.Parse(arguments[2], CultureInfo.InvariantCulture);
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.UseOrleans(silo =>
        {
            silo.UseLocalhostClustering(siloPort, gatewayPort, serviceId: service, clusterId: service);
            silo.AddAzureTableGrainStorage(
                NotesGrain.OldStorageName,
                static azure => azure.TableServiceClient =
                    new TableServiceClient(Environment.GetEnvironmentVariable(AccountVariable)));
            if (isBefore) silo.AddLogStorageBasedLogConsistencyProviderAsDefault();
            else silo.AddGranary().UseSqlite(store => store.Path = path).AdoptLogStorage(NotesGrain.OldStorageName);
        });
        using var host = builder.Build();
        await host.StartAsync();
        Console.Out.WriteLine(Ready);
        await host.WaitForShutdownAsync();
        return 0;
    }
}
