using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Granary.Tests.Cli;

/// <summary>Answers each request with what a test has set for it, and keeps what was asked.</summary>
internal sealed class FakeGateway : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly Dictionary<string, (int Status, string Body)> _answers = [];
    private readonly Task _running;

    public FakeGateway()
    {
        _listener.Start();
        _running = RunAsync();
    }

    public string Url => $"http://{_listener.LocalEndpoint}";

    /// <summary>The requests, as method and target.</summary>
    public ConcurrentQueue<string> Asked { get; } = new();

    /// <summary>Sets the answer to a request; one without is answered 204.</summary>
    public FakeGateway Answer(string request, int status, string body)
    {
        _answers[request] = (status, body);
        return this;
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _listener.Dispose();
        _stopping.Dispose();
    }

    private async Task RunAsync()
    {
        while (true)
        {
            using var client = await _listener.AcceptTcpClientAsync(_stopping.Token);
            await using var stream = client.GetStream();
            using var reader = new StreamReader(stream, leaveOpen: true);
            var first = await reader.ReadLineAsync(_stopping.Token);
            if (first is null) continue;
            while (await reader.ReadLineAsync(_stopping.Token) is { Length: > 0 })
            {
                // The headers do not matter here.
            }

            var request = first[..first.LastIndexOf(' ')];
            Asked.Enqueue(request);
            var (status, body) = _answers.GetValueOrDefault(request, (204, ""));
            var head = $"HTTP/1.1 {status} Answer\r\nConnection: close\r\nContent-Length: "
                + $"{Encoding.UTF8.GetByteCount(body)}\r\n\r\n";
            await stream.WriteAsync(Encoding.UTF8.GetBytes(head + body), _stopping.Token);
        }
    }
}
