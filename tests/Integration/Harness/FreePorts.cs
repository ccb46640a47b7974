using System.Net;
using System.Net.Sockets;

namespace Granary.Tests.Integration;

/// <summary>
/// Loopback ports that are this process's until they are disposed of. They are below the ports that the system itself
/// assigns, and each is held by a locked file, so that no other run of these tests takes it before its user listens.
/// </summary>
internal sealed class FreePorts : IDisposable
{
    private const int First = 20_000;
    private const int Count = 10_000;

    private static readonly string Folder = Path.Combine(Path.GetTempPath(), "granary-test-ports");
    private static int _next = Environment.ProcessId;

    private readonly List<FileStream> _locks = [];
    private readonly List<int> _ports = [];

    private FreePorts()
    {
    }

    public int this[int index] => _ports[index];

    /// <summary>Reserves so many ports.</summary>
    public static FreePorts Reserve(int count)
    {
        Directory.CreateDirectory(Folder);
        var ports = new FreePorts();
        for (var tried = 0; ports._ports.Count < count; tried++)
        {
            if (tried == Count) throw new InvalidOperationException($"No {count} ports are free from {First} on.");
            ports.TryReserve(First + (int)((uint)Interlocked.Increment(ref _next) % Count));
        }

        return ports;
    }

    public void Dispose()
    {
        foreach (var one in _locks) one.Dispose();
        _locks.Clear();
    }

    private void TryReserve(int port)
    {
        try
        {
            var held = new FileStream(
                Path.Combine(Folder, $"{port}.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            _locks.Add(held);

            // A program that does not use the locks may listen there.
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            _ports.Add(port);
        }
        catch (Exception fault) when (fault is IOException or SocketException)
        {
            // The port is in use: the next is tried.
        }
    }
}
