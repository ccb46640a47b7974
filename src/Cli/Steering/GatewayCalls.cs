using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Granary.Cli;

/// <summary>Calls a gateway.</summary>
internal sealed class GatewayCalls : IDisposable
{
    // A path is sent as it is made: otherwise a segment of dots would be taken as a step up.
    private static readonly UriCreationOptions AsMade = new() { DangerousDisablePathAndQueryCanonicalization = true };

    private readonly HttpClient _client;
    private readonly string _address;

    /// <summary>Calls at this address.</summary>
    /// <exception cref="CommandException">It is no address.</exception>
    public GatewayCalls(string url)
    {
        _address = AddressOf(url).GetLeftPart(UriPartial.Authority);
        _client = new HttpClient();
    }

    /// <summary>Makes a path of segments, each as it is meant.</summary>
    public static string PathOf(params ReadOnlySpan<string> segments)
    {
        var path = new StringBuilder("/api");
        foreach (var one in segments)
            path.Append('/').Append(one is "." or ".." ? one.Replace(".", "%2E", StringComparison.Ordinal)
                : Uri.EscapeDataString(one));
        return path.ToString();
    }

    private static Uri AddressOf(string url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var address) && address.Scheme is "http" or "https"
            ? address
            : throw new CommandException(
                "--url is the address of a gateway, as in http://127.0.0.1:5210.", ExitCodes.Usage);

    /// <summary>Gives the body of the answer.</summary>
    /// <exception cref="CommandException">The gateway refuses.</exception>
    public async Task<byte[]> SendAsync(HttpMethod method, string path, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, new Uri(_address + path, AsMade));
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        using var response = await _client.SendAsync(request, cancellationToken);
        var body = await response.Content.ReadAsByteArrayAsync(cancellationToken);
        return response.IsSuccessStatusCode
            ? body
            : throw new CommandException(
                $"The gateway has answered {(int)response.StatusCode}: {DetailOf(body) ?? response.ReasonPhrase}",
                response.StatusCode == HttpStatusCode.ServiceUnavailable ? ExitCodes.Unavailable : ExitCodes.Found);
    }

    public void Dispose() => _client.Dispose();

    // What a problem says; null where the body is none of Granary's.
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
