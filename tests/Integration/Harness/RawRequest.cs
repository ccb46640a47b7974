using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Granary.Tests.Integration;

/// <summary>A request written byte by byte: what URL parsers and HTTP clients would put right stays as it is.</summary>
internal static class RawRequest
{
    /// <summary>Sends a request line, headers and a body; gives the status and all that came back.</summary>
    public static async Task<(int Status, string Text)> SendAsync(
        Uri silo, string method, string target, string headers = "", string body = "",
        string? contentType = "application/json")
    {
        var token = TestContext.Current.CancellationToken;
        using var client = new TcpClient();
        await client.ConnectAsync(silo.Host, silo.Port, token);
        await using var stream = client.GetStream();
        var length = headers.Contains("Transfer-Encoding", StringComparison.Ordinal)
            ? ""
            : $"Content-Length: {Encoding.UTF8.GetByteCount(body)}\r\n";
        var request = $"{method} {target} HTTP/1.1\r\nHost: {silo.Authority}\r\nConnection: close\r\n"
            + (contentType is null ? "" : $"Content-Type: {contentType}\r\n") + $"{length}{headers}\r\n{body}";
        await stream.WriteAsync(Encoding.UTF8.GetBytes(request), token);
        using var reader = new StreamReader(stream, Encoding.UTF8);
        var text = await reader.ReadToEndAsync(token);
        return (int.Parse(text.Split(' ')[1], CultureInfo.InvariantCulture), text);
    }

    /// <summary>Sends bytes as they are and reads to the end; the answer is the only one on the connection.</summary>
    public static async Task<Answer> ExchangeAsync(Uri silo, string bytes) =>
        Read(await ExchangeTextAsync(silo, bytes, thenClose: false));

    /// <summary>Sends bytes, ends its sending and waits until the other side ends too.</summary>
    public static async Task SendAndCloseAsync(Uri silo, string bytes)
    {
        try
        {
            await ExchangeTextAsync(silo, bytes, thenClose: true);
        }
        catch (IOException)
        {
            // A reset is an end too.
        }
    }

    private static async Task<string> ExchangeTextAsync(Uri silo, string bytes, bool thenClose)
    {
        var token = TestContext.Current.CancellationToken;
        using var client = new TcpClient();
        await client.ConnectAsync(silo.Host, silo.Port, token);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(bytes), token);
        if (thenClose) client.Client.Shutdown(SocketShutdown.Send);
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return await reader.ReadToEndAsync(token);
    }

    /// <summary>Takes one whole answer apart; fails where its body is not as long as it declares.</summary>
    private static Answer Read(string text)
    {
        var end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        Assert.True(end > 0, $"No answer, but: '{text}'");
        var lines = text[..end].Split("\r\n");
        var headers = lines.Skip(1).Select(static line => line.Split(": ", 2)).ToDictionary(
            static pair => pair[0], static pair => pair[1], StringComparer.OrdinalIgnoreCase);
        var body = text[(end + 4)..];
        if (headers.TryGetValue("Content-Length", out var length))
            Assert.Equal(length, Encoding.UTF8.GetByteCount(body).ToString(CultureInfo.InvariantCulture));
        else if (headers.ContainsKey("Transfer-Encoding"))
            body = Unchunk(body);
        var status = (HttpStatusCode)int.Parse(lines[0].Split(' ')[1], CultureInfo.InvariantCulture);
        return new Answer(status, body, headers.GetValueOrDefault("Content-Type")?.Split(';')[0], headers);
    }

    private static string Unchunk(string body)
    {
        var whole = new StringBuilder();
        for (var at = 0; at < body.Length;)
        {
            var line = body.IndexOf("\r\n", at, StringComparison.Ordinal);
            var length = int.Parse(body.AsSpan(at, line - at), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            if (length == 0) break;
            whole.Append(body, line + 2, length);
            at = line + 2 + length + 2;
        }

        return whole.ToString();
    }
}
