using System.Collections.Concurrent;
using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;

namespace Granary.Tests.Integration;

/// <summary>The compiler of Bicep, which a package brings for one platform.</summary>
internal static class Bicep
{
    private static readonly ConcurrentDictionary<string, Lazy<CompiledBicep>> Compiled = new();

    /// <summary>Whether the program of the package runs here.</summary>
    public static bool IsHere =>
        OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture == Architecture.X64;

    /// <summary>Compiles a file of deploy/azure, once in a run of the tests.</summary>
    public static CompiledBicep Compile(string file) => Compiled.GetOrAdd(
        file, static file => new(() => Build(file))).Value;

    /// <summary>
    /// What a deployment of a file would create with these parameters: conditions are decided, and what only Azure
    /// knows
    /// stays an expression.
    /// </summary>
    public static JsonObject[] Plan(string file, params (string Name, string Value)[] parameters)
    {
        using var folder = new TempFolder();
        var given = Path.Combine(folder.Path, "plan.bicepparam");
        var used = Path.GetRelativePath(folder.Path, DeployFolder.Of("azure", file));
        File.WriteAllLines(
            given, parameters.Select(static one => $"param {one.Name} = {one.Value}").Prepend($"using '{used}'"));
        Run("snapshot", given, "--subscription-id", Guid.Empty.ToString(), "--tenant-id", Guid.Empty.ToString(),
            "--resource-group", "granary", "--location", "northeurope");
        var plan = JsonNode.Parse(File.ReadAllText(Path.ChangeExtension(given, "snapshot.json")))!;
        return [.. plan["predictedResources"]!.AsArray().Select(static one => one!.AsObject())];
    }

    private static CompiledBicep Build(string file)
    {
        var (output, error) = Run("build", DeployFolder.Of("azure", file), "--stdout");
        return new(output, JsonNode.Parse(output)!, error);
    }

    private static (string Output, string Error) Run(params string[] arguments)
    {
        var program = typeof(Bicep).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .Single(static one => one.Key == "BicepPath").Value!;
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["DOTNET_SYSTEM_GLOBALIZATION_INVARIANT"] = "1";
        using var bicep = Process.Start(start)!;
        var error = bicep.StandardError.ReadToEndAsync();
        var output = bicep.StandardOutput.ReadToEnd();
        bicep.WaitForExit();
        Assert.True(bicep.ExitCode == 0, error.Result);
        return (output, error.Result);
    }
}

/// <summary>What the compiler made of a file.</summary>
/// <param name="Text">The template.</param>
/// <param name="Template">The same, read.</param>
/// <param name="Warnings">What the compiler and its linter warn of.</param>
internal sealed record CompiledBicep(string Text, JsonNode Template, string Warnings);
