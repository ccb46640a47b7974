using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Granary.Benchmarks;

/// <summary>
/// Connections that post the same bytes over and over and read each answer to its end: as little client as there can
/// be, since it shares the machine with what it measures.
/// </summary>
internal sealed class HttpCallers : IAsyncDisposable
{
    private readonly List<Connection> _connections = [];

    public static async Task<HttpCallers> ConnectAsync(
        IPEndPoint address, int connections, Func<int, string> path, byte[] body)
    {
        var callers = new HttpCallers();
        for (var at = 0; at < connections; at++)
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync(address);
            var head = $"POST {path(at)} HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\n"
                + $"Content-Length: {body.Length}\r\n\r\n";
            callers._connections.Add(new Connection(socket, [.. Encoding.ASCII.GetBytes(head), .. body]));
        }

        return callers;
    }

    public Task PostAsync(int at) => _connections[at].PostAsync();

    public ValueTask DisposeAsync()
    {
        foreach (var connection in _connections) connection.Dispose();
        return ValueTask.CompletedTask;
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
                if (read == 0) throw new IOException("The server hung up.");
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
