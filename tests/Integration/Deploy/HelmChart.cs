using System.Diagnostics;
using k8s;

namespace Granary.Tests.Integration;

/// <summary>The chart, rendered by Helm where it is on the machine.</summary>
internal static class HelmChart
{
    /// <summary>Where the program is, if it is not on the path.</summary>
    private const string Variable = "GRANARY_TEST_HELM";

    private static readonly Lazy<string?> Program = new(Find);

    private static readonly Dictionary<string, Type> Custom = new()
    {
        ["monitoring.coreos.com/v1/ServiceMonitor"] = typeof(ServiceMonitor),
    };

    /// <summary>Why the chart cannot be rendered; null where it can. Helm is no part of any build.</summary>
    public static string? SkipReason =>
        Program.Value is null ? $"There is no Helm: set {Variable} to the program, or install it." : null;

    /// <summary>The chart's folder.</summary>
    public static string Folder { get; } = DeployFolder.Of("helm", "granary");

    /// <summary>
    /// The manifests that Helm rendered of the values file postgres-values.yaml. After a change of the chart they are
    /// rendered anew, in the repository's root: <c>helm template granary deploy/helm/granary --namespace shop --values
    /// deploy/helm/granary/ci/postgres-values.yaml &gt;tests/Integration/Deploy/postgres.yaml</c>.
    /// </summary>
    public static string Golden => File.ReadAllText(GoldenFile);

    private static string GoldenFile { get; } =
        Path.Combine(DeployFolder.Repository, "tests", "Integration", "Deploy", "postgres.yaml");

    /// <summary>Renders one of the values files of the folder ci.</summary>
    /// <param name="values">Its name, without the ending.</param>
    /// <param name="sets">Further values, as <c>silo.replicas=3</c>.</param>
    public static (int ExitCode, string Output, string Error) Render(string values, params string[] sets)
    {
        List<string> arguments =
        [
            "template", "granary", Folder, "--namespace", "shop", "--values",
            Path.Combine(Folder, "ci", values + "-values.yaml"),
        ];
        foreach (var set in sets) arguments.AddRange(["--set", set]);
        using var helm = Process.Start(new ProcessStartInfo(Program.Value!, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var error = helm.StandardError.ReadToEndAsync();
        var output = helm.StandardOutput.ReadToEnd();
        helm.WaitForExit();
        return (helm.ExitCode, output, error.Result);
    }

    /// <summary>The manifests in a text.</summary>
    /// <exception cref="Exception">A field is unknown, or a manifest is of an unknown kind.</exception>
    public static IReadOnlyList<object> Read(string manifests) =>
        [.. KubernetesYaml.LoadAllFromString(manifests, Custom, strict: true)];

    private static string? Find()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } configured) return configured;
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        return folders.Select(static folder => Path.Combine(folder, "helm")).FirstOrDefault(File.Exists);
    }
}
