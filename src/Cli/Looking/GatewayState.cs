using System.Globalization;

namespace Granary.Cli;

/// <summary>Asks a gateway for a state.</summary>
internal static class GatewayState
{
    public static async Task<int> RunAsync(
        CommandIo io, string url, WantedState wanted, CancellationToken cancellationToken)
    {
        using var gateway = new GatewayCalls(url);
        var body = await gateway.SendAsync(HttpMethod.Get, PathOf(wanted), cancellationToken);
        await new OutputLines(io).WriteLineAsync(body, cancellationToken);
        return ExitCodes.Done;
    }

    private static string PathOf(WantedState wanted)
    {
        var query = (wanted.Version, wanted.At) switch
        {
            ({ } version, _) => string.Create(CultureInfo.InvariantCulture, $"?version={version}"),
            (_, { } at) => $"?at={Uri.EscapeDataString(EventLine.Text(at))}",
            _ => "",
        };
        return GatewayCalls.PathOf("streams", wanted.Stream.Category, wanted.Stream.Key, "state") + query;
    }
}
