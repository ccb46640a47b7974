namespace Granary.Silo;

/// <summary>What the silo prints when it has started.</summary>
internal static class Banner
{
    public static void Print(GranarySiloOptions options)
    {
        var url = options.Address.GetLeftPart(UriPartial.Authority);
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
