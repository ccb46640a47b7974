using System.Net;
using System.Net.Sockets;

namespace Granary.Silo;

/// <summary>Finds out before the start whether a port is taken, and says which setting names it.</summary>
internal static class Ports
{
    /// <exception cref="InvalidSettingsException">One is taken.</exception>
    public static void ThrowIfTaken(GranarySiloOptions options)
    {
        // Of a name only loopback is tried; what else is wrong with it the server says itself.
        var url = new Uri(options.Url);
        var host = IPAddress.TryParse(url.DnsSafeHost, out var address) ? address : IPAddress.Loopback;
        Check(host, url.Port, nameof(options.Url));
        Check(IPAddress.Loopback, options.SiloPort, nameof(options.SiloPort));
        Check(IPAddress.Loopback, options.GatewayPort, nameof(options.GatewayPort));
    }

    private static void Check(IPAddress address, int port, string setting)
    {
        using var listener = new TcpListener(address, port);
        try
        {
            listener.Start();
        }
        catch (SocketException fault)
        {
            throw new InvalidSettingsException(
                $"{SiloSettings.Section}:{setting}: cannot listen on {address} port {port}: {fault.Message}. "
                + "End what listens there, or choose another port.");
        }
    }
}
