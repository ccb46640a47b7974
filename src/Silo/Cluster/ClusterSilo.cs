using System.Net;
using System.Net.Sockets;
using Orleans.Configuration;

namespace Granary.Silo;

/// <summary>Makes a silo a member of the cluster that the settings name.</summary>
internal static class ClusterSilo
{
    // Set for the pod from its own status.
    private const string PodAddressVariable = "POD_IP";

    /// <summary>Adds membership, addresses, reminders and grain storage.</summary>
    /// <exception cref="IOException">
    /// The name of the advertised address cannot be resolved, or the pod's address is none.
    /// </exception>
    public static void AddCluster(this ISiloBuilder silo, GranarySiloOptions options, ClusterProvider cluster)
    {
        cluster.AddTo(silo);
        silo.Configure<ClusterMembershipOptions>(membership =>
        {
            membership.ProbeTimeout = TimeSpan.FromMilliseconds(options.Membership.ProbeTimeoutMs);
            membership.NumMissedProbesLimit = options.Membership.ProbesMissedMax;
            membership.TableRefreshTimeout = options.Membership.ListRefreshPeriod;
        });
        if (options.Cluster == ClusterKind.Localhost) return;

        silo.Services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>, ReachableMembers>();
        silo.Configure<ClusterOptions>(ids =>
        {
            ids.ClusterId = options.ClusterId;
            ids.ServiceId = options.ServiceId;
        });
        var advertised = options.Kubernetes
            ? PodAddress(Environment.GetEnvironmentVariable(PodAddressVariable))
            : Advertised(options);
        silo.Configure<EndpointOptions>(endpoints =>
        {
            endpoints.SiloPort = options.SiloPort;
            endpoints.GatewayPort = options.GatewayPort;
            if (advertised is not null) endpoints.AdvertisedIPAddress = advertised;
            if (options.ListenAddress.Length == 0) return;
            var listening = IPAddress.Parse(options.ListenAddress);
            endpoints.SiloListeningEndpoint = new IPEndPoint(listening, options.SiloPort);
            endpoints.GatewayListeningEndpoint = new IPEndPoint(listening, options.GatewayPort);
        });
        if (options.Kubernetes) silo.UseKubernetesHosting();
    }

    /// <summary>
    /// The address of the pod. Orleans' hosting reads the variable after a default has been chosen from the network
    /// interfaces, which is another one where the pod has several.
    /// </summary>
    /// <param name="value">The variable; without it, that default is used.</param>
    /// <exception cref="IOException">It is no IP address.</exception>
    public static IPAddress? PodAddress(string? value)
    {
        if (string.IsNullOrEmpty(value)) return null;
        return IPAddress.TryParse(value, out var address)
            ? address
            : throw new IOException($"{PodAddressVariable} is '{value}', which is no IP address. Set it from the pod's "
                + "status.podIP.");
    }

    /// <summary>Where the silo's own ports are opened.</summary>
    /// <exception cref="IOException">The name of the advertised address cannot be resolved.</exception>
    public static IPAddress Listening(GranarySiloOptions options)
    {
        if (options.Cluster == ClusterKind.Localhost) return IPAddress.Loopback;
        if (options.ListenAddress.Length > 0) return IPAddress.Parse(options.ListenAddress);
        return options.Kubernetes ? IPAddress.Any : Advertised(options);
    }

    /// <summary>The address that other silos are given; a name is resolved, to IPv4 where it has such a one.</summary>
    /// <exception cref="IOException">The name cannot be resolved.</exception>
    public static IPAddress Advertised(GranarySiloOptions options)
    {
        if (IPAddress.TryParse(options.AdvertisedAddress, out var address)) return address;
        try
        {
            return Dns.GetHostAddresses(options.AdvertisedAddress)
                .MinBy(static one => one.AddressFamily == AddressFamily.InterNetwork ? 0 : 1)
                ?? throw new SocketException((int)SocketError.HostNotFound);
        }
        catch (SocketException fault)
        {
            throw new IOException(
                $"{Setting.Section}:{nameof(options.AdvertisedAddress)}: '{options.AdvertisedAddress}' cannot be "
                + $"resolved: {fault.Message}. Set an address or a name of this machine.", fault);
        }
    }
}
