using System.Net;

namespace Granary.Silo;

/// <summary>What the silo prints when it has started.</summary>
internal static class Banner
{
    public static void Print(GranarySiloOptions options)
    {
        // Every address is no address to call: on this machine its name is localhost.
        var address = options.Address;
        var url = $"http://{(address.Host is "0.0.0.0" or "[::]" ? "localhost" : address.Host)}:{address.Port}";
        Console.WriteLine("Granary is up.");
        if (options.IsSilo) Console.WriteLine($"  data       {DataOf(options)}");
        Console.WriteLine(options.Role == Role.Silo
            ? $"  health     {url}/health/ready"
            : $"""
                API        {url}/api
                reference  {url}/reference
                try        curl -X POST {url}/api/streams/orders/1 -H 'Content-Type: application/json' -d '{Example}'
                           curl {url}/api/streams/orders/1/state
              """);
        if (options.Cluster != ClusterKind.Localhost)
            Console.WriteLine($"  cluster    {options.ClusterId} on {Setting.Word(options.Cluster)}");
        if (options is { IsSilo: true, Kubernetes: false } && options.Cluster != ClusterKind.Localhost
            && IPAddress.TryParse(options.AdvertisedAddress, out var advertised) && IPAddress.IsLoopback(advertised))
            Console.WriteLine($"Only silos of this machine can join: Granary:AdvertisedAddress is {advertised}.");
        if (options.Dashboard != DashboardAccess.Off) Console.WriteLine($"  dashboard  {url}/dashboard");
        if (options.Http2Address is not null)
            Console.WriteLine($"  HTTP/2     the same on port {options.Http.Http2Port}");
        if (!options.IsLoopback)
            Console.WriteLine($"Warning: other machines can reach {options.Url}, and there is no authentication yet.");
    }

    private static string DataOf(GranarySiloOptions options) => options.Store switch
    {
        StoreKind.Postgres => $"PostgreSQL, schema {options.Postgres.Schema}",
        StoreKind.Azure => $"Azure Storage, table {options.Azure.Name}",
        _ => Path.GetFullPath(options.Sqlite.Path),
    };

    private const string Example = """{"type":"order-placed","data":{"total":42}}""";
}
