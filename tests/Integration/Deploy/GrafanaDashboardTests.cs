using System.Text.Json.Nodes;
using Granary.Tests.Unit.Tidy;

namespace Granary.Tests.Integration;

/// <summary>
/// The dashboard and the alerts ask for what a running silo exposes, and for all of it that is Granary's.
/// </summary>
public sealed class GrafanaDashboardTests(ExposedMetrics exposed) : IClassFixture<ExposedMetrics>
{
    // These are made by Prometheus itself.
    private static readonly string[] Scraped = ["up"];
    private static readonly string[] ScrapedLabels = ["job", "instance", "role", "le"];

    private static JsonNode Dashboard => JsonNode.Parse(RepositoryTree.Read("deploy/grafana/granary.json"))!;

    private static string[] Queries =>
    [
        .. Under(Dashboard)
            .Where(static one => one.Name == "expr" || one.Text.StartsWith("label_values(", StringComparison.Ordinal))
            .Select(static one => one.Text),
    ];

    private static string[] Alerts => [.. (
        from line in Under(ToJson(ComposeFile.Parse<object>(
            RepositoryTree.Read($"{ComposeFile.Folder}/prometheus/alerts.yml"))))
        where line.Name == "expr"
        select line.Text)];

    [Fact]
    public void Every_query_names_series_and_labels_that_a_silo_exposes()
    {
        Assert.True(Queries.Length > 25);
        Assert.True(Alerts.Length > 4);
        RepositoryTree.AssertNone(
            from query in Queries.Concat(Alerts)
            let names = MetricNames.Of(query)
            from series in names.Series.Except(Scraped)
            where !exposed.Series.Contains(series)
            select $"{series} in {query}");
        RepositoryTree.AssertNone(
            from query in Queries.Concat(Alerts)
            let names = MetricNames.Of(query)
            let known = names.Series.SelectMany(series => exposed.Series[series]).Concat(ScrapedLabels)
            from label in names.Labels.Except(known)
            select $"{label} in {query}");
    }

    [Fact]
    public void Everything_that_Granary_measures_is_on_the_dashboard()
    {
        var shown = Queries.SelectMany(static query => MetricNames.Of(query).Series).Select(Base).ToHashSet();
        var measured = exposed.Series.Select(static one => Base(one.Key))
            .Where(static name => name.StartsWith("granary_", StringComparison.Ordinal)).ToHashSet();
        Assert.Equal(25, measured.Count);
        RepositoryTree.AssertNone(measured.Except(shown));
    }

    [Fact]
    public void Every_alert_that_the_docs_show_is_shipped()
    {
        var shown = RepositoryTree.Read("docs/azure.md").Split('\n')
            .Where(static line => line.Trim().StartsWith("expr: ", StringComparison.Ordinal))
            .Select(static line => line.Trim()["expr: ".Length..]).ToArray();

        Assert.NotEmpty(shown);
        Assert.All(shown, one => Assert.Contains(one, Alerts));
    }

    [Fact]
    public void Panels_have_ids_of_their_own_and_the_data_source_that_is_chosen()
    {
        var panels = Dashboard["panels"]!.AsArray();
        Assert.Distinct(panels.Select(static one => one!["id"]!.GetValue<int>()));
        Assert.All(
            Under(Dashboard).Where(static one => one.Name == "uid" && one.Path.Contains("datasource")),
            static one => Assert.Equal("${datasource}", one.Text));
        var provisioned = ComposeFile.Parse<Dictionary<string, object>>(
            RepositoryTree.Read($"{ComposeFile.Folder}/grafana/datasource.yml"));
        var source = (Dictionary<object, object>)((List<object>)provisioned["datasources"])[0];
        Assert.Equal(("prometheus", "http://prometheus:9090"), (source["type"], source["url"]));
    }

    [Fact]
    public void The_names_in_a_query_are_found()
    {
        var (series, labels) = MetricNames.Of(
            "histogram_quantile(0.99, sum by (le, a) (rate(x_bucket{b=~\"$c\",d!=\"e{}\"}[$__range]))) / y "
            + "or vector(0)");
        Assert.Equal(["x_bucket", "y"], series.Order());
        Assert.Equal(["a", "b", "d", "le"], labels.Order());
        Assert.Equal(["t"], MetricNames.Of("label_values(t{s=\"g\", job=~\"$job\"}, instance)").Series);
    }

    private static string Base(string series) => series.Replace("_bucket", "", StringComparison.Ordinal)
        .Replace("_count", "", StringComparison.Ordinal).Replace("_sum", "", StringComparison.Ordinal);

    private static IEnumerable<(string Name, string Path, string Text)> Under(JsonNode? node) => node switch
    {
        JsonObject members => members.SelectMany(static one => Under(one.Value)),
        JsonArray items => items.SelectMany(Under),
        JsonValue value => [(value.GetPath().Split('.')[^1], value.GetPath(), value.ToString())],
        _ => [],
    };

    private static JsonNode ToJson(object yaml) => yaml switch
    {
        Dictionary<object, object> members => new JsonObject(
            members.Select(static one => KeyValuePair.Create((string)one.Key, (JsonNode?)ToJson(one.Value)))),
        List<object> items => new JsonArray([.. items.Select(ToJson)]),
        _ => JsonValue.Create(yaml.ToString())!,
    };
}
