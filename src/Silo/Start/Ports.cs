using System.Net;
using System.Net.Sockets;

namespace Granary.Silo;

/// <summary>Checks before the start whether a port is in use, and names its setting.</summary>
internal static class Ports
{
    /// <exception cref="IOException">
    /// One is in use, or the advertised name cannot be resolved; the message names the setting.
    /// </exception>
    public static void ThrowIfInUse(GranarySiloOptions options)
    {
        // The one name that is no address is localhost.
        var url = options.Address;
        var host = IPAddress.TryParse(url.DnsSafeHost, out var address) ? address : IPAddress.Loopback;
        Check(host, url.Port, nameof(options.Url));
        if (options.Http2Address is { } http2)
            Check(host, http2.Port, $"{nameof(options.Http)}:{nameof(HttpOptions.Http2Port)}");
        if (!options.IsSilo) return;
        var listening = ClusterSilo.Listening(options);
        Check(listening, options.SiloPort, nameof(options.SiloPort));
        Check(listening, options.GatewayPort, nameof(options.GatewayPort));
    }

    private static void Check(IPAddress address, int port, string setting)
    {
        using var listener = new TcpListener(address, port);
        try
        {
            listener.Start();
        }
        catch (SocketException fault) when (fault.SocketErrorCode == SocketError.AddressNotAvailable)
        {
            throw new IOException(
                $"{Setting.Section}:{setting}: {address} is no address of this machine. Set an address of it to listen "
                + $"on: {Setting.Section}:{nameof(GranarySiloOptions.ListenAddress)} for silos, "
                + $"{Setting.Section}:{nameof(GranarySiloOptions.Url)} for the API.", fault);
        }
        catch (SocketException fault)
        {
            throw new IOException(
                $"{Setting.Section}:{setting}: cannot listen on {address} port {port}: {fault.Message}. "
                + "Stop what listens there, or choose another port.", fault);
        }
    }
}
