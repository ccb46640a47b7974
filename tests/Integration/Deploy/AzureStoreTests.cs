using System.Text.Json.Nodes;
using Granary.Silo;
using Microsoft.Extensions.Configuration;

namespace Granary.Tests.Integration;

/// <summary>What deploy/azure creates for each store that it can be given. Nothing is deployed.</summary>
public sealed class AzureStoreTests
{
    private const string Skip = "The compiler of Bicep is a program for Linux on x64.";
    private const string Password = "'a-password-of-a-test-0123'";
    private const string Events = "https://events.table.core.windows.net/";
    private const string Tables = "https://cluster.table.core.windows.net/";
    private const string TableRole = "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3";
    private const string BlobRole = "ba92f5b4-2d11-453d-a403-e96b0029c9fe";

    private static readonly Dictionary<string, Lazy<JsonObject[]>> Plans = new()
    {
        ["azure"] = new(static () => Bicep.Plan("foundation.bicep", ("store", "'azure'"))),
        ["two accounts"] = new(static () => Bicep.Plan(
            "foundation.bicep", ("store", "'azure'"), ("clusterAccount", "true"))),
        ["postgres"] = new(static () => Bicep.Plan(
            "foundation.bicep", ("store", "'postgres'"), ("administratorPassword", Password),
            ("granaryPassword", Password))),
    };

    public static TheoryData<string> Stores => ["azure", "two accounts", "postgres"];

    /// <summary>Whether the compiler runs here.</summary>
    public static bool HasBicep => Bicep.IsHere;

    [Theory(SkipUnless = nameof(HasBicep), Skip = Skip)]
    [InlineData("azure")]
    [InlineData("two accounts")]
    public void A_team_with_azure_storage_alone_deploys_no_database_and_no_secret(string store)
    {
        var plan = Plan(store);

        string[] others = ["Microsoft.DBforPostgreSQL", "Microsoft.KeyVault", "Microsoft.App/jobs"];
        Assert.DoesNotContain(
            plan, one => others.Any(other => Type(one).StartsWith(other, StringComparison.Ordinal)));
        Assert.All(plan, static one =>
        {
            Assert.DoesNotContain("postgres", one.ToJsonString(), StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("password", one.ToJsonString(), StringComparison.OrdinalIgnoreCase);
        });
        Assert.DoesNotContain(plan, static one => Name(one) == "granary-database");
    }

    [Fact(SkipUnless = nameof(HasBicep), Skip = Skip)]
    public void With_postgres_there_are_a_server_its_secrets_and_the_job_and_no_role_on_blobs()
    {
        var plan = Plan("postgres");

        Assert.Single(plan, static one => Type(one) == "Microsoft.DBforPostgreSQL/flexibleServers");
        Assert.Single(plan, static one => Type(one) == "Microsoft.KeyVault/vaults");
        Assert.Single(plan, static one => Type(one) == "Microsoft.App/jobs");
        Assert.Empty(Holders(plan, BlobRole));
        Assert.Equal(["granary-gateway", "granary-silo"], Holders(plan, TableRole));
    }

    [Fact(SkipUnless = nameof(HasBicep), Skip = Skip)]
    public void Silos_use_tables_and_blobs_and_gateways_the_tables_alone()
    {
        var plan = Plan("azure");

        Assert.Equal(["granary-gateway", "granary-silo"], Holders(plan, TableRole));
        Assert.Equal(["granary-silo"], Holders(plan, BlobRole));
        Assert.Equal(3, plan.Count(static one => Type(one) == "Microsoft.Authorization/roleAssignments"));
        Assert.Single(Accounts(plan));
    }

    [Fact(SkipUnless = nameof(HasBicep), Skip = Skip)]
    public void Where_the_cluster_has_an_account_gateways_have_no_role_on_that_of_the_events()
    {
        var plan = Plan("two accounts");

        var names = Accounts(plan).Select(Name).OrderBy(static one => one.Length).ToArray();
        var (events, cluster) = (names[0], names[1]);
        Assert.Equal("c" + events, cluster);
        Assert.All(names, static name => Assert.InRange(name.Length, 3, 24));
        Assert.Equal(["granary-silo"], Holders(plan, TableRole, events));
        Assert.Equal(["granary-silo"], Holders(plan, BlobRole, events));
        Assert.Equal(["granary-gateway", "granary-silo"], Holders(plan, TableRole, cluster));
        Assert.Empty(Holders(plan, BlobRole, cluster));
    }

    [Theory(SkipUnless = nameof(HasBicep), Skip = Skip)]
    [MemberData(nameof(Stores))]
    public void No_account_is_opened_by_a_key_by_an_old_protocol_or_from_another_network(string store) =>
        Assert.All(Accounts(Plan(store)), static account =>
        {
            var properties = account["properties"]!;
            Assert.False((bool)properties["allowSharedKeyAccess"]!);
            Assert.False((bool)properties["allowBlobPublicAccess"]!);
            Assert.True((bool)properties["supportsHttpsTrafficOnly"]!);
            Assert.Equal("TLS1_2", (string?)properties["minimumTlsVersion"]);
            Assert.Equal("Deny", (string?)properties["networkAcls"]!["defaultAction"]);
            var rule = Assert.Single(properties["networkAcls"]!["virtualNetworkRules"]!.AsArray())!;
            Assert.Contains("outputs.appsSubnetId", (string?)rule["id"], StringComparison.Ordinal);
        });

    [Theory(SkipUnless = nameof(HasBicep), Skip = Skip)]
    [MemberData(nameof(Stores))]
    public void Writes_to_tables_and_blobs_are_logged_and_all_requests_counted(string store)
    {
        var plan = Plan(store);

        foreach (var account in Accounts(plan).Select(Name))
        {
            foreach (var service in (string[])["tableServices", "blobServices"])
            {
                var diagnostics = Assert.Single(plan, one => Type(one) == "Microsoft.Insights/diagnosticSettings"
                    && Id(one).Contains($"/{account}/{service}/default/", StringComparison.Ordinal))["properties"]!;
                Assert.EndsWith("/granary-logs", (string?)diagnostics["workspaceId"], StringComparison.Ordinal);
                Assert.Equal(
                    ["StorageWrite", "StorageDelete"],
                    diagnostics["logs"]!.AsArray().Select(static one => (string)one!["category"]!));
                Assert.All(diagnostics["logs"]!.AsArray(), static one => Assert.True((bool)one!["enabled"]!));
                Assert.Equal("Transaction", (string?)diagnostics["metrics"]![0]!["category"]);
            }
        }
    }

    [Fact(SkipUnless = nameof(HasBicep), Skip = Skip)]
    public void What_a_scrub_removes_is_kept_nowhere_else()
    {
        var blobs = Plan("azure").Single(static one => Type(one) == "Microsoft.Storage/storageAccounts/blobServices");

        Assert.False((bool)blobs["properties"]!["deleteRetentionPolicy"]!["enabled"]!);
        Assert.False((bool)blobs["properties"]!["isVersioningEnabled"]!);
    }

    [Theory(SkipUnless = nameof(HasBicep), Skip = Skip)]
    [InlineData(Events, "azure")]
    [InlineData("", "postgres")]
    public void The_variables_of_an_app_are_settings_that_its_process_reads(string events, string store)
    {
        var apps = Bicep.Plan(
            "apps.bicep", ("image", "'registry/granary:1'"), ("tablesEndpoint", $"'{Tables}'"),
            ("eventsEndpoint", $"'{events}'"), ("vaultUri", "'https://vault.vault.azure.net/'"));

        Assert.Equal(3, apps.Length);
        foreach (var app in apps)
        {
            var options = SiloSettings.Read(Configuration(app));
            Assert.Equal((ClusterKind.Azure, Tables), (options.Cluster, options.ClusterConnectionString));
            if (!options.IsSilo) continue;
            Assert.Equal(store, Setting.Word(options.Store));
            Assert.Equal(events, $"{options.Azure.TableEndpoint}");
            Assert.True(string.IsNullOrEmpty(options.Azure.ConnectionString));
            Assert.Equal(events.Length == 0 ? 1 : 0, app["properties"]!["configuration"]!["secrets"]!.AsArray().Count);
        }
    }

    private static JsonObject[] Plan(string store) => Plans[store].Value;

    // The process is given what only Azure knows, as Azure gives it.
    private static IConfiguration Configuration(JsonObject app)
    {
        var variables = app["properties"]!["template"]!["containers"]![0]!["env"]!.AsArray();
        return new ConfigurationBuilder().AddInMemoryCollection(
            from variable in variables
            let name = (string)variable["name"]!
            where name.StartsWith("Granary__", StringComparison.Ordinal)
            let value = variable["secretRef"] is null ? (string?)variable["value"] : "Host=db;Database=granary"
            let known = name == "Granary__AdvertisedAddress" ? "10.20.0.4" : value
            select KeyValuePair.Create(name.Replace("__", ":", StringComparison.Ordinal), (string?)known)).Build();
    }

    private static IEnumerable<JsonObject> Accounts(JsonObject[] plan) =>
        plan.Where(static one => Type(one) == "Microsoft.Storage/storageAccounts");

    // The identities that have a role on an account, by their names.
    private static IEnumerable<string> Holders(JsonObject[] plan, string role, string account = "") =>
        from one in plan
        where Type(one) == "Microsoft.Authorization/roleAssignments"
            && ((string)one["properties"]!["roleDefinitionId"]!).EndsWith(role, StringComparison.Ordinal)
            && Id(one).Contains($"Microsoft.Storage/storageAccounts/{account}", StringComparison.Ordinal)
            && (account.Length == 0 || Id(one).Contains($"/{account}'", StringComparison.Ordinal))
        let holder = (string)one["properties"]!["principalId"]!
        let name = holder.Split("userAssignedIdentities/")[1].Split('\'')[0]
        orderby name
        select name;

    private static string Type(JsonObject one) => (string)one["type"]!;

    private static string Name(JsonObject one) => (string)one["name"]!;

    private static string Id(JsonObject one) => (string)one["id"]!;
}
