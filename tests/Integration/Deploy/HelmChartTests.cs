using Granary.Silo;
using k8s.Models;
using Microsoft.Extensions.Hosting;

namespace Granary.Tests.Integration;

/// <summary>
/// What the chart installs. The manifests of one values file are beside the tests, as Helm rendered them; those of the
/// others are rendered where Helm is.
/// </summary>
public sealed class HelmChartTests
{
    private const string Secret = "only-for-a-rendering";

    /// <summary>The values files, and the file that is rendered already.</summary>
    public static TheoryData<string> Renderings => HelmChart.SkipReason is null
        ? ["golden", "postgres", "full", "azure"]
        : ["golden"];

    [Fact(SkipUnless = nameof(HasHelm), Skip = "There is no Helm.")]
    public void The_rendered_file_is_what_Helm_renders() =>
        Assert.Equal(Rendered("postgres"), HelmChart.Golden);

    [Theory]
    [MemberData(nameof(Renderings))]
    public void Every_field_of_every_manifest_is_known(string values) =>
        Assert.True(Manifests(values).Count >= 12, "The manifests were not read.");

    [Theory]
    [MemberData(nameof(Renderings))]
    public void Every_variable_of_Granary_is_a_setting(string values)
    {
        var names = Deployments(values).SelectMany(static one => Container(one).Env).Select(static one => one.Name)
            .Where(static name => name.StartsWith("Granary__", StringComparison.Ordinal)).ToArray();

        Assert.NotEmpty(names);
        Assert.All(names, static name => Assert.Null(Setting.Fault(name.Replace("__", ":", StringComparison.Ordinal))));
    }

    [Theory]
    [MemberData(nameof(Renderings))]
    public void Connection_strings_are_in_secrets_alone(string values)
    {
        Assert.DoesNotContain(Secret, Rendered(values), StringComparison.Ordinal);
        Assert.DoesNotContain(Manifests(values), static one => one is V1ConfigMap);
        foreach (var deployment in Deployments(values))
        {
            var connections = Container(deployment).Env
                .Where(static one => one.Name.Contains("ConnectionString", StringComparison.Ordinal)).ToArray();
            Assert.Equal(IsSilo(deployment) ? 2 : 1, connections.Length);
            Assert.All(connections, static one => Assert.NotNull(one.ValueFrom.SecretKeyRef));
        }
    }

    [Theory]
    [MemberData(nameof(Renderings))]
    public void Pods_have_no_right_that_they_do_not_use(string values)
    {
        foreach (var deployment in Deployments(values))
        {
            var pod = deployment.Spec.Template.Spec;
            var container = Container(deployment);
            Assert.Equal((true, 1654L), (pod.SecurityContext.RunAsNonRoot, pod.SecurityContext.RunAsUser));
            Assert.Equal("RuntimeDefault", pod.SecurityContext.SeccompProfile.Type);
            Assert.True(container.SecurityContext.ReadOnlyRootFilesystem);
            Assert.False(container.SecurityContext.AllowPrivilegeEscalation);
            Assert.Equal(["ALL"], container.SecurityContext.Capabilities.Drop);
            Assert.Null(container.SecurityContext.Capabilities.Add);
            Assert.Equal(IsSilo(deployment), pod.AutomountServiceAccountToken);
            Assert.False(pod.EnableServiceLinks);
            Assert.NotNull(container.Resources.Limits["memory"]);
        }
    }

    [Theory]
    [MemberData(nameof(Renderings))]
    public void A_silo_may_read_pods_and_nothing_else(string values)
    {
        var manifests = Manifests(values);

        var rule = Assert.Single(Assert.Single(manifests.OfType<V1Role>()).Rules);
        Assert.Equal([""], rule.ApiGroups);
        Assert.Equal(["pods"], rule.Resources);
        Assert.Equal(["get", "list", "watch"], rule.Verbs);
        Assert.Empty(manifests.OfType<V1ClusterRole>());
        var binding = Assert.Single(manifests.OfType<V1RoleBinding>());
        Assert.Equal("granary-silo", Assert.Single(binding.Subjects).Name);
        Assert.Equal(
            ["granary-gateway", "granary-silo"],
            Deployments(values).Select(static one => one.Spec.Template.Spec.ServiceAccountName).Order());
    }

    [Theory]
    [MemberData(nameof(Renderings))]
    public void Orleans_finds_the_pods_of_silos_by_the_ids_of_their_cluster(string values)
    {
        foreach (var deployment in Deployments(values))
        {
            var labels = deployment.Spec.Template.Metadata.Labels;
            if (!IsSilo(deployment))
            {
                Assert.DoesNotContain(labels.Keys, static key => key.StartsWith("orleans/", StringComparison.Ordinal));
                continue;
            }

            Assert.Equal(Value(deployment, "Granary__ClusterId"), labels["orleans/clusterId"]);
            Assert.Equal(Value(deployment, "Granary__ServiceId"), labels["orleans/serviceId"]);
            Assert.Equal("true", Value(deployment, "Granary__Kubernetes"));
            Assert.Equal(
                ["metadata.name", "metadata.namespace", "status.podIP"],
                new[] { "POD_NAME", "POD_NAMESPACE", "POD_IP" }.Select(
                    name => Container(deployment).Env.Single(one => one.Name == name).ValueFrom.FieldRef.FieldPath));
        }
    }

    [Theory]
    [MemberData(nameof(Renderings))]
    public void A_stop_has_the_time_that_it_takes(string values)
    {
        var stop = (long)new HostOptions().ShutdownTimeout.TotalSeconds;
        Assert.True(StopLimit.Max.TotalSeconds < stop);
        foreach (var deployment in Deployments(values))
        {
            var drain = Container(deployment).Lifecycle?.PreStop.Sleep.Seconds ?? 0;
            Assert.Equal(!IsSilo(deployment), drain > 0);
            Assert.True(deployment.Spec.Template.Spec.TerminationGracePeriodSeconds > drain + stop);
        }
    }

    [Theory]
    [MemberData(nameof(Renderings))]
    public void Probes_ask_for_what_each_is_about(string values)
    {
        foreach (var container in Deployments(values).Select(Container))
        {
            Assert.Equal("/health/live", container.StartupProbe.HttpGet.Path);
            Assert.Equal("/health/live", container.LivenessProbe.HttpGet.Path);
            Assert.Equal("/health/ready", container.ReadinessProbe.HttpGet.Path);

            // The answer of a store that cannot be read takes 5 seconds.
            Assert.True(container.ReadinessProbe.TimeoutSeconds > 5);
            Assert.True(container.StartupProbe.PeriodSeconds * container.StartupProbe.FailureThreshold >= 600);
        }
    }

    [Theory]
    [MemberData(nameof(Renderings))]
    public void What_selects_pods_selects_those_of_one_deployment(string values)
    {
        var manifests = Manifests(values);
        var selectors = manifests.OfType<V1Service>().Select(static one => (one.Metadata.Name, one.Spec.Selector))
            .Concat(manifests.OfType<V1PodDisruptionBudget>()
                .Select(static one => (one.Metadata.Name, one.Spec.Selector.MatchLabels)))
            .Concat(manifests.OfType<V1NetworkPolicy>()
                .Select(static one => (one.Metadata.Name, one.Spec.PodSelector.MatchLabels)))
            .Concat(Deployments(values).Select(static one => (one.Metadata.Name, one.Spec.Selector.MatchLabels)));

        Assert.All(selectors, selector => Assert.Equal(
            [selector.Name],
            Deployments(values)
                .Where(one => selector.Item2.All(one.Spec.Template.Metadata.Labels.Contains))
                .Select(static one => one.Metadata.Name)));
        Assert.Equal(8, selectors.Count());
    }

    [Theory(SkipUnless = nameof(HasHelm), Skip = "There is no Helm.")]
    [InlineData("silo.replica=3", "additional properties 'replica' not allowed")]
    [InlineData("settings.Postgres__ConnectionString=x", "invalid propertyName")]
    [InlineData("settings.tls__password=x", "invalid propertyName")]
    [InlineData("silo.settings.Role=gateway", "invalid propertyName")]
    [InlineData("cluster.kind=localhost", "value must be one of")]
    [InlineData("cluster.kind=redis", "set cluster.existingSecret.name")]
    [InlineData("store.existingSecret.name=", "The log needs a PostgreSQL database")]
    [InlineData("store.connectionString=x", "are both set: remove one")]
    [InlineData("gateway.preStopSeconds=30", "terminationGracePeriodSeconds is too short")]
    [InlineData("runAsUser=0", "minimum")]
    public void A_wrong_value_is_refused(string set, string reason)
    {
        var (exitCode, output, error) = HelmChart.Render("postgres", set);

        Assert.NotEqual(0, exitCode);
        Assert.Contains(reason, error, StringComparison.Ordinal);
        Assert.Equal("", output.Trim());
    }

    [Fact(SkipUnless = nameof(HasHelm), Skip = "There is no Helm.")]
    public void Numbers_are_passed_on_as_they_are_written()
    {
        var silo = Deployments("full").Single(IsSilo);

        Assert.Equal("1000000", Value(silo, "Granary__Appender__QueueLengthMax"));
        Assert.Equal("2.5", Value(silo, "Granary__Snapshots__ReplayCostMaxMs"));
        Assert.Equal("false", Value(silo, "Granary__Ledger"));
    }

    [Fact]
    public void The_chart_is_of_this_version() => Assert.Contains(
        $"\nappVersion: {Help.Version}\n",
        File.ReadAllText(Path.Combine(HelmChart.Folder, "Chart.yaml")),
        StringComparison.Ordinal);

    /// <summary>Whether Helm is on this machine.</summary>
    public static bool HasHelm => HelmChart.SkipReason is null;

    private static IReadOnlyList<object> Manifests(string values) => HelmChart.Read(Rendered(values));

    private static string Rendered(string values)
    {
        if (values == "golden") return HelmChart.Golden;
        var (exitCode, output, error) = HelmChart.Render(values);
        Assert.True(exitCode == 0, error);
        return output;
    }

    private static V1Deployment[] Deployments(string values) => [.. Manifests(values).OfType<V1Deployment>()];

    private static V1Container Container(V1Deployment deployment) =>
        Assert.Single(deployment.Spec.Template.Spec.Containers);

    private static bool IsSilo(V1Deployment deployment) => Value(deployment, "Granary__Role") == "silo";

    private static string Value(V1Deployment deployment, string name) =>
        Container(deployment).Env.Single(one => one.Name == name).Value;
}
