using System.Text.Json.Nodes;

namespace Granary.Tests.Integration;

/// <summary>What deploy/azure creates, as the compiler reads it. Nothing is deployed.</summary>
public sealed class AzureTests
{
    private const string Skip = "The compiler of Bicep is a program for Linux on x64.";

    // Storage Table Data Contributor, Key Vault Secrets User, AcrPull, Storage Blob Data Contributor.
    private static readonly string[] Roles =
    [
        "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3", "4633458b-17de-408a-b874-0445c86b69e6",
        "7f951dda-4ed3-4680-a7ca-43fe172d538d", "ba92f5b4-2d11-453d-a403-e96b0029c9fe",
    ];

    public static TheoryData<string> Files => ["foundation.bicep", "apps.bicep"];

    /// <summary>Whether the compiler runs here.</summary>
    public static bool HasBicep => Bicep.IsHere;

    [Theory(SkipUnless = nameof(HasBicep), Skip = Skip)]
    [MemberData(nameof(Files))]
    public void Nothing_is_warned_of(string file) => Assert.Equal("", Bicep.Compile(file).Warnings);

    [Theory(SkipUnless = nameof(HasBicep), Skip = Skip)]
    [MemberData(nameof(Files))]
    public void No_key_is_read_and_every_password_is_a_secure_parameter(string file)
    {
        var template = Bicep.Compile(file).Template;

        Assert.DoesNotContain("listKeys", Bicep.Compile(file).Text, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("listConnectionStrings", Bicep.Compile(file).Text, StringComparison.OrdinalIgnoreCase);
        var parameters = Objects(template, "parameters").SelectMany(static one => one)
            .Where(static one => one.Value is JsonObject value && value["type"] is not null
                && (one.Key.EndsWith("Password", StringComparison.Ordinal)
                    || one.Key.EndsWith("ConnectionString", StringComparison.Ordinal)));
        Assert.All(parameters, static one => Assert.Equal("secureString", (string?)one.Value!["type"], true));
        Assert.All(
            Objects(template, "outputs").SelectMany(static one => one),
            static one => Assert.DoesNotContain(
                "password", one.Value!.ToJsonString(), StringComparison.OrdinalIgnoreCase));
    }

    [Fact(SkipUnless = nameof(HasBicep), Skip = Skip)]
    public void The_database_and_the_apps_are_reached_from_no_other_network()
    {
        var template = Bicep.Compile("foundation.bicep").Template;

        var server = Properties(template, "Microsoft.DBforPostgreSQL/flexibleServers").Single();
        Assert.Equal("Disabled", (string?)server["network"]!["publicNetworkAccess"]);
        var environment = Properties(template, "Microsoft.App/managedEnvironments").Single();
        Assert.True((bool)environment["vnetConfiguration"]!["internal"]!);
        Assert.Equal("azure-monitor", (string?)environment["appLogsConfiguration"]!["destination"]);
    }

    [Fact(SkipUnless = nameof(HasBicep), Skip = Skip)]
    public void An_identity_has_the_roles_that_it_needs_and_no_others()
    {
        var text = string.Concat(Files.Select(static file => Bicep.Compile(file.Data).Text));
        var roles = text.Split("roleDefinitions', '").Skip(1).Select(static one => one[..36]);

        Assert.Equal(Roles, roles.Distinct().Order());
    }

    [Fact(SkipUnless = nameof(HasBicep), Skip = Skip)]
    public void A_silo_is_one_replica_whose_ports_are_those_that_it_advertises()
    {
        var silo = Properties(Bicep.Compile("apps.bicep").Template, "Microsoft.App/containerApps")
            .Single(static app => (string?)app["configuration"]!["ingress"]!["transport"] == "tcp");

        Assert.Equal(1, (int)silo["template"]!["scale"]!["maxReplicas"]!);
        Assert.Equal(1, (int)silo["template"]!["scale"]!["minReplicas"]!);
        var ingress = silo["configuration"]!["ingress"]!;
        var orleans = Assert.Single(ingress["additionalPortMappings"]!.AsArray())!;
        Assert.Equal("[parameters('siloPort')]", (string?)ingress["targetPort"]);
        Assert.Equal("[parameters('siloPort')]", (string?)ingress["exposedPort"]);
        Assert.Equal("[parameters('gatewayPort')]", (string?)orleans["targetPort"]);
        Assert.Equal("[parameters('gatewayPort')]", (string?)orleans["exposedPort"]);
    }

    // The properties of all resources of a type, those of modules included.
    private static IEnumerable<JsonObject> Properties(JsonNode template, string type) =>
        from resource in All(template)
        where resource["type"] is JsonValue kind && kind.ToString() == type && resource["existing"] is null
        let properties = resource["properties"] as JsonObject
        where properties is not null
        select properties;

    private static IEnumerable<JsonObject> Objects(JsonNode template, string name) =>
        from one in All(template) where one[name] is JsonObject select one[name]!.AsObject();

    private static IEnumerable<JsonObject> All(JsonNode? node) => node switch
    {
        JsonObject one => one.Select(static pair => pair.Value).SelectMany(All).Prepend(one),
        JsonArray many => many.SelectMany(All),
        _ => [],
    };
}
