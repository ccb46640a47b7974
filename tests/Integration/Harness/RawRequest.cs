using System.Net.Sockets;
using System.Text;

namespace Granary.Tests.Integration;

/// <summary>A request written byte by byte: what URL parsers and HTTP clients would put right stays as it is.</summary>
internal static class RawRequest
{
    /// <summary>Sends a request line, headers and a body; gives the status and all that came back.</summary>
    public static async Task<(int Status, string Text)> SendAsync(
        Uri silo, string method, string target, string headers = "", string body = "")
    {
        var token = TestContext.Current.CancellationToken;
        using var client = new TcpClient();
        await client.ConnectAsync(silo.Host, silo.Port, token);
        await using var stream = client.GetStream();
        var length = headers.Contains("Transfer-Encoding", StringComparison.Ordinal)
            ? ""
            : $"Content-Length: {Encoding.UTF8.GetByteCount(body)}\r\n";
        var request = $"{method} {target} HTTP/1.1\r\nHost: {silo.Authority}\r\nConnection: close\r\n"
            + $"Content-Type: application/json\r\n{length}{headers}\r\n{body}";
        await stream.WriteAsync(Encoding.UTF8.GetBytes(request), token);
        using var reader = new StreamReader(stream, Encoding.UTF8);
        var text = await reader.ReadToEndAsync(token);
        return (int.Parse(text.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture), text);
    }
}
