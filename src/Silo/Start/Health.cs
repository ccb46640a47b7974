using System.Net;

namespace Granary.Silo;

/// <summary>
/// The <c>--health</c> command: asks the silo or gateway that runs with the same settings, for container engines. Their
/// images have no program that could ask.
/// </summary>
internal static class Health
{
    private const int AnswerSizeMax = 64 * 1024;

    // The silo itself looks at its store for 5 seconds at most.
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(8);

    /// <summary>Gives 0 where the answer is good, and 1 otherwise; prints the answer.</summary>
    public static async Task<int> RunAsync(CommandLine command)
    {
        var options = SiloSettings.Read(GranarySilo.CreateBuilder(command.Arguments).Configuration);
        var url = new UriBuilder(options.Address)
        {
            Host = HostOf(options.Address),
            Path = $"/health/{command.HealthQuestion}",
        }.Uri;

        // A proxy that the environment names is for calls to other machines.
        using var handler = new SocketsHttpHandler { UseProxy = false };
        using var http = new HttpClient(handler) { Timeout = Timeout, MaxResponseContentBufferSize = AnswerSizeMax };
        try
        {
            using var answer = await http.GetAsync(url);
            var text = await answer.Content.ReadAsStringAsync();
            if (answer.IsSuccessStatusCode)
            {
                Console.WriteLine(text);
                return 0;
            }

            await Console.Error.WriteLineAsync($"{url} answered {(int)answer.StatusCode}: {text}");
        }
        catch (Exception fault) when (fault is HttpRequestException or OperationCanceledException)
        {
            await Console.Error.WriteLineAsync($"{url} did not answer: {fault.Message}");
        }

        return StartFault.FaultCode;
    }

    // Every address is no address to call.
    private static string HostOf(Uri address) => IPAddress.TryParse(address.DnsSafeHost, out var ip)
        ? ip.Equals(IPAddress.Any) ? "127.0.0.1" : ip.Equals(IPAddress.IPv6Any) ? "[::1]" : address.Host
        : address.Host;
}
