using Microsoft.Extensions.Configuration;

namespace Granary.AppHost;

/// <summary>The silos and gateways: one program, with other settings.</summary>
internal static class Processes
{
    private const string Http = "http";
    private const string SiloEndpoint = "silo";
    private const string GatewayEndpoint = "orleans";

    // The setting for the port of the API, and the one that the README's walk calls.
    private const string ApiPort = "ApiPort";
    private const int ApiPortDefault = 5210;

    /// <summary>A silo of the cluster. Its ports are free ones.</summary>
    public static void AddSilo(
        this IDistributedApplicationBuilder builder,
        string name,
        IResourceBuilder<IResourceWithConnectionString> log,
        IResourceBuilder<IResourceWithConnectionString> cluster) =>
        builder.AddProcess(name, cluster)
            .WithHttpEndpoint(name: Http)
            .WithUrl()
            .WithEndpoint(name: SiloEndpoint, scheme: "tcp", env: "Granary__SiloPort")
            .WithEndpoint(name: GatewayEndpoint, scheme: "tcp", env: "Granary__GatewayPort")
            .WithEnvironment("Granary__Role", "silo")
            .WithEnvironment("Granary__Store", "postgres")
            .WithEnvironment("Granary__Postgres__ConnectionString", log)
            .WaitFor(log);

    /// <summary>A gateway with the API. It waits for a silo by itself.</summary>
    public static void AddGateway(
        this IDistributedApplicationBuilder builder,
        string name,
        IResourceBuilder<IResourceWithConnectionString> cluster) =>
        builder.AddProcess(name, cluster)
            .WithHttpEndpoint(port: builder.Configuration.GetValue(ApiPort, ApiPortDefault), name: Http)
            .WithUrl()
            .WithEnvironment("Granary__Role", "gateway")
            .WithExternalHttpEndpoints();

    private static IResourceBuilder<ProjectResource> AddProcess(
        this IDistributedApplicationBuilder builder,
        string name,
        IResourceBuilder<IResourceWithConnectionString> cluster) =>
        builder.AddProject<Projects.Granary_Silo>(name, static project => project.ExcludeLaunchProfile = true)
            .WithEnvironment("Granary__Cluster", "redis")
            .WithEnvironment("Granary__ClusterConnectionString", cluster)
            .WaitFor(cluster);

    // The silo takes its address from one setting, and refuses the variables that are for all web applications.
    private static IResourceBuilder<ProjectResource> WithUrl(this IResourceBuilder<ProjectResource> process)
    {
        var port = process.GetEndpoint(Http).Property(EndpointProperty.TargetPort);
        return process
            .WithEndpointsInEnvironment(static _ => false)
            .WithEnvironment("Granary__Url", ReferenceExpression.Create($"http://127.0.0.1:{port}"))
            .WithHttpHealthCheck("/health/ready", endpointName: Http)
            .OnResourceReady((resource, _, _) =>
            {
                Console.WriteLine($"{resource.Name} is ready: {resource.GetEndpoint(Http).Url}");
                return Task.CompletedTask;
            });
    }
}
