using System.Net;
using System.Net.Sockets;

namespace Granary.Runtime;

/// <summary>
/// Which addresses a webhook may connect to: public ones, and those that the operator allows. What is not known to be
/// public is refused.
/// </summary>
internal sealed class AddressRule(bool allowAll, IReadOnlyList<IPNetwork> allowed)
{
    // Of IPv4 everything is public that is not named here. 168.63.129.16 serves the metadata of Azure's machines.
    private static readonly IPNetwork[] NotPublic =
    [
        .. new[]
        {
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "168.63.129.16/32", "169.254.0.0/16",
            "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24",
            "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4",
            "240.0.0.0/4",
        }.Select(static one => IPNetwork.Parse(one)),
    ];

    // Of IPv6 nothing is public outside of this: not loopback, link-local, unique-local, NAT64 or multicast addresses.
    private static readonly IPNetwork Unicast = IPNetwork.Parse("2000::/3");

    // Tunnels carry an IPv4 address within, which may be private; the others are for documents and tests.
    private static readonly IPNetwork[] NotPublic6 =
    [
        .. new[] { "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20" }.Select(static one => IPNetwork.Parse(one)),
    ];

    /// <summary>Whether a connection to an address is allowed.</summary>
    public bool Allows(IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return allowAll || IsPublic(plain) || allowed.Any(one => one.Contains(plain));
    }

    private static bool IsPublic(IPAddress address) => address.AddressFamily switch
    {
        AddressFamily.InterNetwork => !NotPublic.Any(one => one.Contains(address)),
        AddressFamily.InterNetworkV6 => Unicast.Contains(address) && !NotPublic6.Any(one => one.Contains(address)),
        _ => false,
    };
}
