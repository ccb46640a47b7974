using Granary.Silo;
using Microsoft.Extensions.Configuration;

namespace Granary.Tests.Integration;

public sealed class ClusterSettingsTests
{
    private const string Secret = "not-to-be-printed";
    private const string Connection = "ClusterConnectionString";

    [Theory]
    [InlineData("redis", "127.0.0.1:6379,password=p", ClusterKind.Redis)]
    [InlineData("Postgres", "Host=db;Username=granary;Password=p", ClusterKind.Postgres)]
    [InlineData("azure", "UseDevelopmentStorage=true", ClusterKind.Azure)]
    [InlineData("azure", "https://granary.table.core.windows.net", ClusterKind.Azure)]
    [InlineData("localhost", "", ClusterKind.Localhost)]
    internal void A_cluster_and_its_connection_string_are_read(string cluster, string connection, ClusterKind kind)
    {
        var options = Read(("Cluster", cluster), (Connection, connection));

        Assert.Equal(kind, options.Cluster);
        Assert.Equal(connection, options.ClusterConnectionString);
    }

    [Theory]
    [InlineData("redis", "")]
    [InlineData("postgres", "")]
    [InlineData("azure", "")]
    [InlineData("redis", $"redis://granary:{Secret}@db:6379")]
    [InlineData("redis", $"Host=db;Password={Secret}")]
    [InlineData("redis", $"password={Secret}")]
    [InlineData("postgres", Secret)]
    [InlineData("postgres", $"Hst=db;Password={Secret}")]
    [InlineData("postgres", $"Database=granary;Password={Secret}")]
    [InlineData("postgres", $"Host=db;Port={Secret}")]
    [InlineData("postgres", $"Host=db;Target Session Attributes=primary;Password={Secret}")]
    [InlineData("azure", Secret)]
    [InlineData("azure", $"AccountName=granary;AccountKey={Secret}")]
    [InlineData("localhost", $"db:6379,password={Secret}")]
    public void A_wrong_connection_string_is_named_and_not_shown(string cluster, string connection)
    {
        var message = Fault(("Cluster", cluster), (Connection, connection));

        Assert.StartsWith($"Granary:{Connection}: ", message, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    [Theory]
    [InlineData("Cluster", "mysql", "Granary:Cluster is 'mysql'; it must be one of localhost, redis, postgres, azure.")]
    [InlineData("Cluster", "1", "Granary:Cluster is '1'")]
    [InlineData("ClusterId", "two words", "Granary:ClusterId: ")]
    [InlineData("ServiceId", "", "Granary:ServiceId: ")]
    [InlineData("AdvertisedAddress", "10.0.0.7", "Granary:AdvertisedAddress: ")]
    [InlineData("AdvertisedAddress", "", "Granary:AdvertisedAddress: ")]
    [InlineData("ListenAddress", "0.0.0.0", "Granary:ListenAddress: ")]
    [InlineData("Kubernetes", "true", "Granary:Kubernetes: ")]
    [InlineData("Role", "client", "Granary:Role is 'client'; it must be one of both, silo, gateway.")]
    [InlineData("Membership:ProbeTimeoutMs", "99", "Granary:Membership:ProbeTimeoutMs: ")]
    [InlineData("Membership:ProbesMissedMax", "0", "Granary:Membership:ProbesMissedMax: ")]
    public void A_wrong_setting_of_a_silo_by_itself_is_named(string name, string value, string message) =>
        Assert.StartsWith(message, Fault((name, value)), StringComparison.Ordinal);

    [Theory]
    [InlineData("AdvertisedAddress", "0.0.0.0", "Granary:AdvertisedAddress: ")]
    [InlineData("AdvertisedAddress", "::", "Granary:AdvertisedAddress: ")]
    [InlineData("ListenAddress", "everywhere", "Granary:ListenAddress: ")]
    [InlineData("Kubernetes", "true", "Granary:Kubernetes: It is true, but this is no pod of Kubernetes")]
    public void A_wrong_setting_of_a_cluster_is_named(string name, string value, string message) => Assert.StartsWith(
        message, Fault(("Cluster", "redis"), (Connection, "db:6379"), (name, value)), StringComparison.Ordinal);

    [Fact]
    public void Pods_have_no_store_in_a_file() => Assert.Contains(
        "Granary:Store: It is sqlite",
        Fault(("Cluster", "redis"), (Connection, "db:6379"), ("Kubernetes", "true")),
        StringComparison.Ordinal);

    [Fact]
    public void A_connection_string_under_a_wrong_name_is_not_shown() => Assert.DoesNotContain(
        Secret, Fault(("Cluster", $"db:6379,password={Secret}")), StringComparison.Ordinal);

    [Fact]
    public void Kubernetes_is_for_silos() => Assert.Contains(
        "Role is gateway",
        Fault(("Cluster", "redis"), (Connection, "db:6379"), ("Kubernetes", "true"), ("Role", "gateway")),
        StringComparison.Ordinal);

    private static string Fault(params (string Name, string Value)[] settings) =>
        Assert.Throws<InvalidSettingsException>(() => Read(settings)).Message;

    private static GranarySiloOptions Read(params (string Name, string Value)[] settings) =>
        SiloSettings.Read(new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Select(static one =>
                KeyValuePair.Create($"Granary:{one.Name}", (string?)one.Value)))
            .Build());
}
