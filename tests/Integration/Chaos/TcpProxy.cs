using System.Net;
using System.Net.Sockets;

namespace Granary.Tests.Integration;

/// <summary>
/// Forwards connections to a server on this machine, and can keep everything back for a while or delay each packet: the
/// network between one silo and one server.
/// </summary>
internal sealed class TcpProxy : IAsyncDisposable
{
    private const int PacketSizeMax = 64 * 1024;

    private readonly TcpListener _listener;
    private readonly int _target;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _accepting;
    private volatile TaskCompletionSource? _cut;
    private long _delayMs;

    public TcpProxy(IPAddress address, int target)
    {
        _target = target;
        _listener = new TcpListener(address, 0);
        _listener.Start();
        EndPoint = (IPEndPoint)_listener.LocalEndpoint;
        _accepting = AcceptAsync();
    }

    /// <summary>Where it listens.</summary>
    public IPEndPoint EndPoint { get; }

    /// <summary>Each packet is forwarded so many milliseconds after it came.</summary>
    public int DelayMs
    {
        set => Interlocked.Exchange(ref _delayMs, value);
    }

    /// <summary>Nothing passes any more, not even the end of a connection, as where packets are dropped.</summary>
    public void Cut() => _cut = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>What was kept back passes, and all that follows.</summary>
    public void Heal()
    {
        var cut = _cut;
        _cut = null;
        cut?.TrySetResult();
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _accepting;
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        var connections = new List<Task>();
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                connections.RemoveAll(static one => one.IsCompleted);
                connections.Add(ForwardAsync(client));
            }
        }
        catch (Exception fault) when (fault is OperationCanceledException or SocketException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task ForwardAsync(TcpClient client)
    {
        using var server = new TcpClient { NoDelay = true };
        using (client)
        {
            client.NoDelay = true;
            try
            {
                await PassAsync();
                await server.ConnectAsync(IPAddress.Loopback, _target, _stop.Token);
                await await Task.WhenAny(
                    CopyAsync(client.GetStream(), server.GetStream()),
                    CopyAsync(server.GetStream(), client.GetStream()));
            }
            catch (Exception fault) when (
                fault is IOException or SocketException or ObjectDisposedException or OperationCanceledException)
            {
                // One of the two ends is gone: both connections are closed.
            }
        }
    }

    private async Task CopyAsync(NetworkStream from, NetworkStream to)
    {
        var buffer = new byte[PacketSizeMax];
        while (true)
        {
            var count = await from.ReadAsync(buffer, _stop.Token);
            await PassAsync();
            if (count == 0) return;
            await to.WriteAsync(buffer.AsMemory(0, count), _stop.Token);
        }
    }

    private async Task PassAsync()
    {
        while (_cut is { } cut) await cut.Task.WaitAsync(_stop.Token);
        var delay = Interlocked.Read(ref _delayMs);
        if (delay > 0) await Task.Delay(TimeSpan.FromMilliseconds(delay), TimeProvider.System, _stop.Token);
    }
}
