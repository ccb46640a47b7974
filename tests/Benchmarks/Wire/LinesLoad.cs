using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Granary.Benchmarks;

/// <summary>
/// Appends line by line, over one request a connection: a caller's next line is sent when its last one was answered,
/// and 64 callers share a connection. For loads that have a duration.
/// </summary>
internal sealed class LinesLoad(int port) : ILoad
{
    private const int CallersEach = 64;

    private readonly List<Connection> _connections = [];

    public async Task<Outcome> RunAsync(Load load)
    {
        var callers = Enumerable.Range(0, load.Callers).Chunk(CallersEach).ToArray();
        while (_connections.Count < callers.Length) _connections.Add(await ConnectAsync());
        var start = Stopwatch.GetTimestamp();
        var times = await Task.WhenAll(callers.Select((each, at) => _connections[at].RunAsync(each, load.Duration)));
        var elapsed = Stopwatch.GetElapsedTime(start);
        var all = new Latencies();
        foreach (var each in times) all.Add(each);
        var appends = all.Counts.Sum();
        return new Outcome(appends, appends, elapsed, 0, load.Latencies ? all : null);
    }

    public ValueTask DisposeAsync()
    {
        foreach (var connection in _connections) connection.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<Connection> ConnectAsync()
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port));
        return new Connection(socket);
    }

    private sealed class Connection(Socket socket) : IDisposable
    {
        private const int PrefixLength = 8;

        private static readonly byte[] Head = [.. "POST /api/appends HTTP/1.1\r\nHost: localhost\r\n"u8,
            .. "Content-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n"u8];

        private static readonly byte[] End = [.. "0\r\n\r\n"u8];

        private readonly byte[] _chunk = new byte[64 * 1024];
        private int _length = PrefixLength;

        /// <summary>One request: sends for so long, waits for every answer; gives the time of each append.</summary>
        public async Task<Latencies> RunAsync(int[] callers, TimeSpan duration)
        {
            var (times, start) = (new Latencies(), Stopwatch.GetTimestamp());
            var sentAt = new long[callers.Length];
            var lines = Array.ConvertAll(callers, caller => LineOf(caller - callers[0], caller));
            var answers = new ChunkedLines(socket);
            await socket.SendAsync(Head);
            for (var at = 0; at < lines.Length; at++) Add(at);
            for (var open = lines.Length; open > 0;)
            {
                await SendChunkAsync();
                await answers.ReceiveAsync();
                var now = Stopwatch.GetTimestamp();
                while (answers.TryRead(out var answer))
                {
                    var at = IndexOf(answer);
                    times.Add(now - sentAt[at]);
                    if (Stopwatch.GetElapsedTime(start, now) < duration) Add(at);
                    else open--;
                }
            }

            await socket.SendAsync(End);
            while (!answers.IsEnded) await answers.ReceiveAsync();
            return times;

            void Add(int at)
            {
                lines[at].CopyTo(_chunk, _length);
                _length += lines[at].Length;
                sentAt[at] = Stopwatch.GetTimestamp();
            }
        }

        public void Dispose() => socket.Dispose();

        private static byte[] LineOf(int at, int caller) =>
        [
            .. Encoding.ASCII.GetBytes($$"""{"id":"{{at}}","stream":"{{LoadKind.Lines}}/{{caller}}","events":"""),
            .. """[{"type":"noted","data":"""u8, .. Noted.Json, .. "}]}\n"u8,
        ];

        private static int IndexOf(ReadOnlySpan<byte> answer)
        {
            var id = answer.IndexOf("\"id\":\""u8) + 6;
            return answer.IndexOf("\"status\":201"u8) > 0 && Utf8Parser.TryParse(answer[id..], out int at, out _)
                ? at
                : throw new IOException($"The answer was not 201: {Encoding.UTF8.GetString(answer)}");
        }

        private async Task SendChunkAsync()
        {
            if (_length == PrefixLength) return;
            Utf8Formatter.TryFormat(_length - PrefixLength, _chunk, out _, new StandardFormat('x', PrefixLength - 2));
            "\r\n"u8.CopyTo(_chunk.AsSpan(PrefixLength - 2));
            "\r\n"u8.CopyTo(_chunk.AsSpan(_length));
            await socket.SendAsync(_chunk.AsMemory(0, _length + 2));
            _length = PrefixLength;
        }
    }
}
