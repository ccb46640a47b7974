using System.Globalization;
using System.Net;
using System.Text.Json;

namespace Granary.Cli;

/// <summary>Asks a gateway for a state.</summary>
internal static class GatewayState
{
    public static async Task<int> RunAsync(
        CommandIo io, string url, WantedState wanted, CancellationToken cancellationToken)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
            throw new CommandException("--url is the address of a gateway, as in http://127.0.0.1:5210.",
                ExitCodes.Usage);
        using var client = new HttpClient();
        using var response = await client.GetAsync(new Uri(address, PathOf(wanted)), cancellationToken);
        var body = await response.Content.ReadAsByteArrayAsync(cancellationToken);
        if (response.StatusCode != HttpStatusCode.OK)
            throw new CommandException(
                $"The gateway has answered {(int)response.StatusCode}: {DetailOf(body) ?? response.ReasonPhrase}",
                response.StatusCode == HttpStatusCode.ServiceUnavailable ? ExitCodes.Unavailable : ExitCodes.Found);
        await new OutputLines(io).WriteLineAsync(body, cancellationToken);
        return ExitCodes.Done;
    }

    private static string PathOf(WantedState wanted)
    {
        var stream = $"{Uri.EscapeDataString(wanted.Stream.Category)}/{Uri.EscapeDataString(wanted.Stream.Key)}";
        var query = (wanted.Version, wanted.At) switch
        {
            ({ } version, _) => string.Create(CultureInfo.InvariantCulture, $"?version={version}"),
            (_, { } at) => $"?at={Uri.EscapeDataString(EventLine.Text(at))}",
            _ => "",
        };
        return $"/api/streams/{stream}/state{query}";
    }

    private static string? DetailOf(byte[] problem)
    {
        try
        {
            using var document = JsonDocument.Parse(problem);
            return document.RootElement.TryGetProperty("detail", out var detail) ? detail.GetString() : null;
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            // It is no problem of Granary's, but of a proxy: the status is all there is.
            return null;
        }
    }
}
