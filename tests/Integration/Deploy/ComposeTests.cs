using System.Globalization;
using System.Text.RegularExpressions;
using Granary.Silo;
using Granary.Tests.Unit.Tidy;
using Microsoft.Extensions.Configuration;

namespace Granary.Tests.Integration;

/// <summary>The shipped compose file, as far as it can be checked without a container engine.</summary>
public sealed partial class ComposeTests
{
    private static readonly ComposeFile File = ComposeFile.Read();

    private static IEnumerable<KeyValuePair<string, ComposeService>> Granaries =>
        File.Services.Where(static one => one.Value.IsGranary);

    [Fact]
    public void The_settings_of_silos_and_gateways_are_ones_that_they_start_with()
    {
        Assert.Equal(
            ["gateway-1 Gateway", "gateway-2 Gateway", "silo-1 Silo", "silo-2 Silo"],
            Granaries.Select(one => $"{one.Key} {SettingsOf(one.Value).Role}").Order(StringComparer.Ordinal));
        Assert.All(Granaries, one =>
        {
            var settings = SettingsOf(one.Value);
            Assert.Equal(ClusterKind.Redis, settings.Cluster);
            if (!settings.IsSilo) return;
            Assert.Equal(StoreKind.Postgres, settings.Store);
            Assert.Equal("granary", settings.Postgres.Schema);

            // The name that others call it by is its own in the one network that it is in.
            Assert.Equal((one.Key, one.Key), (settings.AdvertisedAddress, one.Value.Hostname));
            Assert.Equal(["cluster"], one.Value.Networks);
        });
    }

    [Fact]
    public void Ports_are_published_on_loopback_alone_and_by_the_proxy_and_Grafana_alone()
    {
        Assert.Equal(
            ["grafana", "proxy"],
            File.Services.Where(static one => one.Value.Ports.Count > 0).Select(static one => one.Key).Order());
        Assert.All(
            File.Services.Values.SelectMany(static one => one.Ports),
            static port => Assert.StartsWith("127.0.0.1:", port, StringComparison.Ordinal));
    }

    [Fact]
    public void The_proxy_reaches_gateways_alone_and_Grafana_Prometheus_alone()
    {
        Assert.True(File.Networks["cluster"].Internal);
        Assert.Equal(["gateway-1", "gateway-2"], NeighboursOf("proxy"));
        Assert.Equal(["prometheus"], NeighboursOf("grafana"));
    }

    [Fact]
    public void Passwords_are_variables_without_a_default()
    {
        var secrets = File.Services.Values.SelectMany(static one => one.Environment)
            .Where(static one => Secret().IsMatch(one.Key) || Secret().IsMatch(one.Value))
            .ToArray();
        Assert.Equal(10, secrets.Length);
        Assert.All(secrets, static one => Assert.Matches(@"(^|assword=)\$\{\w+:\?[^}]+\}$", one.Value));
        Assert.All(
            File.Services.Values.SelectMany(static one => one.Command),
            static argument => Assert.DoesNotMatch(@"\w*assword\s*=|requirepass (?!\$\$)", argument));
        Assert.Contains(".env", RepositoryTree.ReadLines($"{ComposeFile.Folder}/.gitignore"));
    }

    [Fact]
    public void Every_service_starts_again_has_limits_and_no_rights_that_it_does_not_need() => Assert.All(
        File.Services, static one =>
        {
            var service = one.Value;
            Assert.Equal("unless-stopped", service.Restart);
            Assert.Equal(one.Key != "postgres", service.ReadOnly);
            Assert.Equal(["ALL"], service.CapDrop);
            Assert.Equal(["no-new-privileges:true"], service.SecurityOpt);
            Assert.Equal("3", service.Logging!.Options["max-file"]);
            Assert.True(service is { MemLimit: not null, Cpus: > 0, PidsLimit: > 0 });

            // An image without a version is another one tomorrow; ours is built here.
            if (service.Build is null) Assert.Matches(@":v?\d", service.Image);
        });

    [Fact]
    public void What_is_named_exists()
    {
        var folder = Path.Combine(RepositoryTree.Root, ComposeFile.Folder);
        Assert.All(File.Services.Values, service =>
        {
            Assert.All(service.Awaited, awaited =>
            {
                var other = File.Services[awaited.Service];
                if (awaited.Condition is null) return;
                Assert.Equal("service_healthy", awaited.Condition);
                Assert.True(other.Healthcheck is not null, $"{awaited.Service} is never healthy.");
            });
            Assert.All(service.Networks, static name => Assert.Contains(name, File.Networks.Keys));
            Assert.All(service.Volumes, volume =>
            {
                var source = volume.Split(':')[0];
                if (source.StartsWith('.')) Assert.True(Path.Exists(Path.Combine(folder, source)), source);
                else Assert.Contains(source, File.Volumes.Keys);
                Assert.Equal(source.StartsWith('.'), volume.EndsWith(":ro", StringComparison.Ordinal));
            });
            if (service.Build is { } build)
                Assert.True(Path.Exists(Path.Combine(folder, build.Context, build.Dockerfile)), build.Dockerfile);
        });
        Assert.All(
            File.Networks.Keys, static name => Assert.Contains(
                File.Services.Values, one => one.Networks.Contains(name)));
        Assert.All(
            File.Volumes.Keys, static name => Assert.Contains(
                File.Services.Values.SelectMany(static one => one.Volumes),
                one => one.StartsWith(name + ":", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_stop_has_the_time_that_a_silo_takes() => Assert.All(
        Granaries, static one => Assert.True(
            int.Parse(one.Value.StopGracePeriod!.TrimEnd('s'), CultureInfo.InvariantCulture) >= 30));

    [Fact]
    public void The_health_check_asks_the_silo_by_its_own_program() => Assert.All(Granaries, static one =>
    {
        var command = CommandLine.Parse([.. one.Value.Healthcheck!.Test.Skip(3)]);
        Assert.Equal(["CMD", "dotnet", "/app/Granary.Silo.dll"], one.Value.Healthcheck.Test.Take(3));
        Assert.Equal((CommandLine.Actions.Health, "ready"), (command.Action, command.HealthQuestion));
    });

    [Fact]
    public void Prometheus_asks_every_silo_and_every_gateway()
    {
        var file = ComposeFile.Parse<Dictionary<string, object>>(
            RepositoryTree.Read($"{ComposeFile.Folder}/prometheus/prometheus.yml"));
        var job = (Dictionary<object, object>)((List<object>)file["scrape_configs"])[0];
        var asked =
            from one in (List<object>)job["static_configs"]
            let targets = (Dictionary<object, object>)one
            let role = ((Dictionary<object, object>)targets["labels"])["role"]
            from target in (List<object>)targets["targets"]
            select $"{role} {target}";
        Assert.Equal(
            Granaries.Select(static one => $"{one.Value.Environment["Granary__Role"]} {one.Key}:5210").Order(),
            asked.Order());

        // Each answers for its own name.
        Assert.All(Granaries, static one => Assert.Equal(one.Key, one.Value.Hostname));
    }

    [Fact]
    public void The_proxy_knows_every_gateway_waits_as_long_as_it_and_sends_nothing_twice()
    {
        var lines = RepositoryTree.ReadLines($"{ComposeFile.Folder}/proxy/haproxy.cfg")
            .Select(static line => line.Trim()).Where(static line => !line.StartsWith('#')).ToArray();
        Assert.Equal(
            Granaries.Where(static one => one.Value.Environment["Granary__Role"] == "gateway")
                .Select(static one => $"server {one.Key} {one.Key}:5210"),
            lines.Where(static line => line.StartsWith("server ", StringComparison.Ordinal)));
        Assert.Equal(
            ["retry-on conn-failure"],
            lines.Where(static line => line.Contains("retry", StringComparison.Ordinal)
                && !line.StartsWith("timeout", StringComparison.Ordinal)));

        var idle = new GranaryGatewayOptions().AppendsIdleMaxMs / 1000;
        foreach (var side in new[] { "client", "server" })
        {
            var timeout = Assert.Single(lines, line => line.StartsWith($"timeout {side} ", StringComparison.Ordinal));
            Assert.True(int.Parse(timeout.Split(' ')[2].TrimEnd('s'), CultureInfo.InvariantCulture) > idle, timeout);
        }
    }

    private static string[] NeighboursOf(string name) =>
    [
        .. File.Services
            .Where(one => one.Key != name && one.Value.Networks.Intersect(File.Services[name].Networks).Any())
            .Select(static one => one.Key).Order(),
    ];

    private static GranarySiloOptions SettingsOf(ComposeService service)
    {
        var variables = service.Environment.ToDictionary(
            static one => one.Key.Replace("__", ":", StringComparison.Ordinal),
            static one => (string?)ComposeFile.Interpolate(one.Value));
        Assert.All(variables.Keys, static name => Assert.Null(Setting.Fault(name)));
        return SiloSettings.Read(new ConfigurationBuilder().AddInMemoryCollection(variables).Build());
    }

    [GeneratedRegex("PASSWORD|AUTH$|assword=")]
    private static partial Regex Secret();
}
