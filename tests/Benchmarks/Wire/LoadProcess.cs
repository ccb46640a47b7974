using System.Text.Json;

namespace Granary.Benchmarks;

/// <summary>What a process of its own sends to the shipped silo.</summary>
internal enum LoadKind
{
    /// <summary>One append a request.</summary>
    Http,

    /// <summary>The same requests, to the endpoint that only parses.</summary>
    Parse,

    /// <summary>Many appends over one request.</summary>
    Lines,

    /// <summary>One append a call of <c>Granary.Client</c>, over an Orleans client.</summary>
    Client,
}

/// <summary>
/// This program as the process of a load: it reads one load a line, runs it, and writes its outcome as a line.
/// </summary>
internal static class LoadProcess
{
    public const string Command = "load";

    // Everything that has a value of its own, and nothing that is computed of these.
    private static readonly JsonSerializerOptions Json = new() { IgnoreReadOnlyProperties = true };

    public static async Task RunAsync(LoadKind kind, int port)
    {
        await using var load = await StartAsync(kind, port);
        while (await Console.In.ReadLineAsync() is { } line)
            Console.WriteLine(Write(await load.RunAsync(Read<Load>(line))));
    }

    public static string Write<T>(T value) => JsonSerializer.Serialize(value, Json);

    public static T Read<T>(string line) => JsonSerializer.Deserialize<T>(line, Json)!;

    private static async Task<ILoad> StartAsync(LoadKind kind, int port) => kind switch
    {
        LoadKind.Http => new HttpLoad(port, $"/api/streams/{kind}"),
        LoadKind.Parse => new HttpLoad(port, $"/parse/{kind}"),
        LoadKind.Lines => new LinesLoad(port),
        _ => await ClientLoad.StartAsync(port),
    };
}
