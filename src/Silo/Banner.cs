namespace Granary.Silo;

/// <summary>What the silo says when it is up.</summary>
internal static class Banner
{
    public static void Print(GranarySiloOptions options)
    {
        var url = options.Url.TrimEnd('/');
        Console.WriteLine($"""
            Granary is up.
              data       {Path.GetFullPath(options.Sqlite.Path)}
              API        {url}/api
              reference  {url}/reference
              try        curl -X POST {url}/api/streams/orders/1 -H 'Content-Type: application/json' -d '{Example}'
                         curl {url}/api/streams/orders/1/state
            """);
        if (!options.IsLoopback)
            Console.WriteLine("Warning: the API listens beyond this machine and has no authentication yet.");
    }

    private const string Example = """{"type":"order-placed","data":{"total":42}}""";
}
