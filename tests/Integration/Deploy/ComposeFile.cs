using System.Text.RegularExpressions;
using Granary.Tests.Unit.Tidy;
using YamlDotNet.Core;
using YamlDotNet.Serialization;
using YamlDotNet.Serialization.NamingConventions;

namespace Granary.Tests.Integration;

/// <summary>
/// The shipped compose file. A member that is not among these properties, and a key that is there twice, is an error.
/// </summary>
internal sealed partial record ComposeFile
{
    public const string Folder = "deploy/compose";

    public required string Name { get; init; }

    public required Dictionary<string, ComposeService> Services { get; init; }

    public required Dictionary<string, ComposeNetwork> Networks { get; init; }

    public required Dictionary<string, object> Volumes { get; init; }

    /// <summary>Reads it, its anchors and merges resolved.</summary>
    public static ComposeFile Read()
    {
        // The extensions hold what services are merged from; they are no part of the file itself.
        var whole = Parse<Dictionary<string, object>>(RepositoryTree.Read($"{Folder}/compose.yaml"));
        foreach (var extension in whole.Keys.Where(static key => key.StartsWith("x-", StringComparison.Ordinal)))
            whole.Remove(extension);
        return Parse<ComposeFile>(new SerializerBuilder().DisableAliases().Build().Serialize(whole));
    }

    /// <summary>Reads YAML.</summary>
    public static T Parse<T>(string yaml) => new DeserializerBuilder()
        .WithNamingConvention(UnderscoredNamingConvention.Instance)
        .WithDuplicateKeyChecking()
        .Build()
        .Deserialize<T>(new MergingParser(new Parser(new StringReader(yaml))));

    /// <summary>Replaces each variable by a text; one with a default has that.</summary>
    public static string Interpolate(string text) => Variable().Replace(
        text, static one => one.Groups["default"] is { Success: true } given ? given.Value : "given");

    /// <summary>A variable: its name, and what is after the name.</summary>
    [GeneratedRegex(@"(?<!\$)\$\{(?<name>\w+)(?<rest>:-(?<default>[^}]*)|:\?[^}]*)?\}")]
    public static partial Regex Variable();
}

internal sealed record ComposeService
{
    public string? Image { get; init; }

    public ComposeBuild? Build { get; init; }

    public string? User { get; init; }

    public string? Hostname { get; init; }

    public List<string> Command { get; init; } = [];

    public Dictionary<string, string> Environment { get; init; } = [];

    public List<string> Networks { get; init; } = [];

    public List<string> Ports { get; init; } = [];

    public List<string> Volumes { get; init; } = [];

    public List<string> Tmpfs { get; init; } = [];

    public object? DependsOn { get; init; }

    public ComposeHealthcheck? Healthcheck { get; init; }

    public string? Restart { get; init; }

    public bool ReadOnly { get; init; }

    public List<string> CapDrop { get; init; } = [];

    public List<string> SecurityOpt { get; init; } = [];

    public ComposeLogging? Logging { get; init; }

    public string? MemLimit { get; init; }

    public double? Cpus { get; init; }

    public int? PidsLimit { get; init; }

    public string? ShmSize { get; init; }

    public string? StopGracePeriod { get; init; }

    /// <summary>The services that it waits for, with the condition.</summary>
    public IEnumerable<(string Service, string? Condition)> Awaited => DependsOn switch
    {
        Dictionary<object, object> conditions => conditions.Select(static one => (
            (string)one.Key, (string?)((Dictionary<object, object>)one.Value)["condition"])),
        List<object> names => names.Select(static one => ((string)one, (string?)null)),
        _ => [],
    };

    /// <summary>Whether it is a silo or a gateway.</summary>
    public bool IsGranary => Environment.ContainsKey("Granary__Role");
}

internal sealed record ComposeBuild
{
    public required string Context { get; init; }

    public required string Dockerfile { get; init; }
}

internal sealed record ComposeHealthcheck
{
    public required List<string> Test { get; init; }

    public required string Interval { get; init; }

    public required string Timeout { get; init; }

    public int Retries { get; init; }

    public required string StartPeriod { get; init; }
}

internal sealed record ComposeLogging
{
    public required string Driver { get; init; }

    public required Dictionary<string, string> Options { get; init; }
}

internal sealed record ComposeNetwork
{
    public bool Internal { get; init; }
}
