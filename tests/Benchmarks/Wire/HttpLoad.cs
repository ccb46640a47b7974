using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Granary.Benchmarks;

/// <summary>
/// Connections that post the same bytes again and again, each to a path of its own, and read each answer to its end.
/// It does as little as possible, because it shares the machine with what it measures.
/// </summary>
internal sealed class HttpLoad(int port, string path) : ILoad
{
    private static readonly byte[] Body = [.. """{"type":"noted","data":"""u8, .. Noted.Json, .. "}"u8];

    private readonly List<Connection> _connections = [];

    public async Task<Outcome> RunAsync(Load load)
    {
        while (_connections.Count < load.Callers) _connections.Add(await ConnectAsync(_connections.Count));
        return await Callers.RunAsync(load, at => _connections[at].PostAsync, isFair: false);
    }

    public ValueTask DisposeAsync()
    {
        foreach (var connection in _connections) connection.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<Connection> ConnectAsync(int at)
    {
        var address = new IPEndPoint(IPAddress.Loopback, port);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(address);
        var head = $"POST {path}/{at} HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\n"
            + $"Content-Length: {Body.Length}\r\n\r\n";
        return new Connection(socket, [.. Encoding.ASCII.GetBytes(head), .. Body]);
    }

    private sealed class Connection(Socket socket, byte[] request) : IDisposable
    {
        private readonly byte[] _buffer = new byte[16 * 1024];

        public async Task PostAsync()
        {
            await socket.SendAsync(request);
            var length = 0;
            while (!IsWhole(_buffer.AsSpan(0, length)))
            {
                var read = await socket.ReceiveAsync(_buffer.AsMemory(length));
                if (read == 0) throw new IOException("The server closed the connection.");
                length += read;
            }

            if (!_buffer.AsSpan().StartsWith("HTTP/1.1 201"u8))
                throw new IOException($"The answer was not 201: {Encoding.UTF8.GetString(_buffer, 0, length)}");
        }

        public void Dispose() => socket.Dispose();

        // The end is known by the length, or by the last chunk where the answer is chunked.
        private static bool IsWhole(ReadOnlySpan<byte> answer)
        {
            var end = answer.IndexOf("\r\n\r\n"u8);
            if (end < 0) return false;
            var at = answer[..end].IndexOf("Content-Length: "u8);
            if (at < 0) return answer.EndsWith("\r\n0\r\n\r\n"u8);
            var digits = answer[(at + "Content-Length: ".Length)..end];
            var stop = digits.IndexOf((byte)'\r');
            var length = int.Parse(stop < 0 ? digits : digits[..stop]);
            return answer.Length >= end + 4 + length;
        }
    }
}
