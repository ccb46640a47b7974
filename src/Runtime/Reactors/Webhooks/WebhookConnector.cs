using System.Net;
using System.Net.Sockets;

namespace Granary.Runtime;

/// <summary>Finds the addresses of a name.</summary>
internal delegate Task<IPAddress[]> NameResolver(string host, CancellationToken cancellationToken);

/// <summary>
/// Connects to a webhook's receiver. The address is checked that the socket connects to, at every connection: so a name
/// that is resolved differently from one time to the next is of no use.
/// </summary>
internal sealed class WebhookConnector(AddressRule rule, NameResolver resolve)
{
    /// <summary>Connects.</summary>
    /// <exception cref="WebhookFailedException">No address of the host is allowed.</exception>
    /// <exception cref="SocketException">It cannot be connected to, or its name cannot be resolved.</exception>
    public async ValueTask<Stream> ConnectAsync(
        SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var host = context.DnsEndPoint.Host;
        IPAddress[] found = IPAddress.TryParse(host.Trim('[', ']'), out var literal)
            ? [literal]
            : await resolve(host, cancellationToken);
        var allowed = found.Where(rule.Allows).ToArray();
        if (found.Length == 0) throw new SocketException((int)SocketError.HostNotFound);
        if (allowed.Length == 0)
            throw new WebhookFailedException(
                "The address of the receiver is not public and was refused. The operator may allow it "
                + "(AllowedNetworks, AllowPrivateAddresses).");
        for (var i = 0; ; i++)
        {
            var socket = new Socket(allowed[i].AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(new IPEndPoint(allowed[i], context.DnsEndPoint.Port), cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch (Exception fault)
            {
                socket.Dispose();
                if (fault is not SocketException || i == allowed.Length - 1) throw;
            }
        }
    }
}
