using System.Net;
using Granary.Silo;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace Granary.Tests.Integration;

/// <summary>Other silos reach a silo in a pod by the pod's address.</summary>
public sealed class PodAddressTests
{
    // An address for documentation: no machine has it, so it is not found in another way.
    private const string Address = "203.0.113.7";

    [Fact]
    public void A_silo_in_a_pod_has_the_address_of_the_pod()
    {
        // No other code of the tests reads it.
        Environment.SetEnvironmentVariable("POD_IP", Address);
        try
        {
            var options = new GranarySiloOptions
            {
                Cluster = ClusterKind.Redis, ClusterConnectionString = "db:6379", Kubernetes = true,
            };
            using var host = new HostBuilder()
                .UseOrleans(silo => silo.AddCluster(options, ClusterProvider.Create(options)))
                .Build();

            var endpoints = host.Services.GetRequiredService<IOptions<EndpointOptions>>().Value;

            Assert.Equal(IPAddress.Parse(Address), endpoints.AdvertisedIPAddress);
            Assert.Equal(new IPEndPoint(IPAddress.Any, options.SiloPort), endpoints.SiloListeningEndpoint);
            Assert.Equal(new IPEndPoint(IPAddress.Any, options.GatewayPort), endpoints.GatewayListeningEndpoint);
        }
        finally
        {
            Environment.SetEnvironmentVariable("POD_IP", null);
        }
    }

    [Fact]
    public void Without_the_variable_the_address_is_looked_for() => Assert.Null(ClusterSilo.PodAddress(""));

    [Fact]
    public void A_variable_that_is_no_address_is_named()
    {
        var fault = Assert.Throws<IOException>(static () => ClusterSilo.PodAddress("pod-7"));

        Assert.Contains("POD_IP is 'pod-7'", fault.Message, StringComparison.Ordinal);
    }
}
