using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;

namespace Granary.Tests.Integration;

/// <summary>
/// A request to <c>/api/appends</c> over a socket of its own: lines are sent and answers read at the same time.
/// </summary>
internal sealed class LineConnection : IAsyncDisposable
{
    private readonly TcpClient _client = new();
    private readonly Queue<string> _lines = [];
    private StreamReader? _reader;
    private string _begun = "";

    /// <summary>The status, once the first answer was read.</summary>
    public int Status { get; private set; }

    /// <summary>The headers of the response, as they were sent.</summary>
    public string Headers { get; private set; } = "";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static async Task<LineConnection> OpenAsync(
        Uri url, string headers = "", string contentType = "application/x-ndjson")
    {
        var connection = new LineConnection();
        await connection._client.ConnectAsync(url.Host, url.Port, Token);
        connection._reader = new StreamReader(connection._client.GetStream(), Encoding.Latin1);
        await connection.SendRawAsync(
            $"POST /api/appends HTTP/1.1\r\nHost: {url.Authority}\r\nContent-Type: {contentType}\r\n"
            + $"Transfer-Encoding: chunked\r\n{headers}\r\n");
        return connection;
    }

    public Task SendAsync(JsonNode line) => SendTextAsync(line.ToJsonString() + "\n");

    /// <summary>Sends a piece of the body.</summary>
    public async Task SendTextAsync(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        await SendRawAsync($"{bytes.Length:x}\r\n");
        await _client.GetStream().WriteAsync(bytes, Token);
        await SendRawAsync("\r\n");
    }

    /// <summary>Ends the body.</summary>
    public Task EndAsync() => SendRawAsync("0\r\n\r\n");

    public async Task SendRawAsync(string text) =>
        await _client.GetStream().WriteAsync(Encoding.Latin1.GetBytes(text), Token);

    /// <summary>The next answer; null at the end of the response.</summary>
    public async Task<JsonNode?> ReadAsync()
    {
        if (Status == 0) await ReadHeadAsync();
        while (_lines.Count == 0)
        {
            if (await ReadChunkAsync() is not { } chunk) return null;
            var parts = (_begun + chunk).Split('\n');
            foreach (var line in parts[..^1]) _lines.Enqueue(line);
            _begun = parts[^1];
        }

        return JsonNode.Parse(Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(_lines.Dequeue())));
    }

    /// <summary>All further answers.</summary>
    public async Task<List<JsonNode>> ReadAllAsync()
    {
        var all = new List<JsonNode>();
        while (await ReadAsync() is { } answer) all.Add(answer);
        return all;
    }

    /// <summary>Closes the connection without ending the request.</summary>
    public void Cut() => _client.Client.Close(timeout: 0);

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        _reader?.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Reads status and headers.</summary>
    public async Task ReadHeadAsync()
    {
        var head = new StringBuilder();
        while (await _reader!.ReadLineAsync(Token) is { Length: > 0 } line) head.Append(line).Append('\n');
        Headers = head.ToString();
        Status = int.Parse(Headers.Split(' ')[1], CultureInfo.InvariantCulture);
    }

    private async Task<string?> ReadChunkAsync()
    {
        var line = await _reader!.ReadLineAsync(Token);
        var size = int.Parse(line!, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        var chunk = new char[size];
        Assert.Equal(size, await _reader.ReadBlockAsync(chunk, Token));
        await _reader.ReadLineAsync(Token);
        return size == 0 ? null : new string(chunk);
    }
}
