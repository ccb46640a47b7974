using System.Net;
using System.Text.Json.Nodes;

namespace Granary.Tests.Integration;

/// <summary>
/// Real payloads are appended over HTTP, and the models that a silo folds of them are read over HTTP.
/// </summary>
public sealed class GitHubProjectionTests : IDisposable
{
    private const string MinPosition = "Granary-Min-Position";
    private const int Partitions = 4;

    private readonly TempFolder _data = new();

    [Fact]
    public Task On_SQLite_repositories_and_contributors_are_what_a_fold_of_the_payloads_makes() =>
        AssertModelsAsync(granary => granary.UseSqlite(store =>
        {
            store.Path = Path.Combine(_data.Path, "granary.db");
            store.PartitionCount = Partitions;
        }));

    [Fact]
    public async Task On_PostgreSQL_repositories_and_contributors_are_what_a_fold_of_the_payloads_makes()
    {
        await using var database = await PostgresDatabase.CreateAsync();
        await AssertModelsAsync(granary => granary.UsePostgres(store =>
        {
            store.ConnectionString = database.ConnectionString;
            store.PartitionCount = Partitions;
        }));
    }

    public void Dispose() => _data.Dispose();

    private static async Task AssertModelsAsync(Action<IGranaryBuilder> useStore)
    {
        var payloads = WebhookPayloads.Read();
        var half = payloads.Count / 2;
        var appended = new Dictionary<int, long>();
        await using (var silo = await StartAsync(useStore))
        {
            foreach (var payload in payloads.Take(half)) await AppendAsync(silo.Api, payload, appended);
            await AssertModelsAsync(silo.Api, [.. payloads.Take(half)], appended);
        }

        await using var again = await StartAsync(useStore);
        foreach (var payload in payloads.Skip(half)) await AppendAsync(again.Api, payload, appended);
        await AssertModelsAsync(again.Api, payloads, appended);

        foreach (var projection in (string[])["repositories", "contributors"])
            (await again.Api.SendAsync(HttpMethod.Post, $"/api/projections/{projection}/rebuild?publish=true", null))
                .Is(HttpStatusCode.Accepted);
        foreach (var projection in (string[])["repositories", "contributors"])
            await UntilPublishedAsync(again.Api, projection, $"{projection}_v1_2");
        await AssertModelsAsync(again.Api, payloads, appended);
    }

    private static Task<ApplicationSilo> StartAsync(Action<IGranaryBuilder> useStore) =>
        ApplicationSilo.StartAsync(granary =>
        {
            useStore(granary);
            granary.AddProjection<Repositories>().AddProjection<Contributors>();
        });

    private static async Task AppendAsync(Api api, WebhookPayload payload, Dictionary<int, long> appended)
    {
        var answer = (await api.PostAsync(
            Api.Stream(payload.Category, payload.Key), Events.One(payload.Type, payload.Data.DeepClone())))
            .Is(HttpStatusCode.Created).Json;
        appended[(int)answer["partition"]!] = (long)answer["position"]!;
    }

    private static async Task AssertModelsAsync(
        Api api, IReadOnlyList<WebhookPayload> payloads, Dictionary<int, long> appended)
    {
        var seen = string.Join(',', appended.Select(static one => $"{one.Key}:{one.Value}"));
        await AssertModelsAsync(api, "repositories", GitHubFold.Repositories(payloads), seen);
        await AssertModelsAsync(api, "contributors", GitHubFold.Contributors(payloads), seen);
    }

    private static async Task AssertModelsAsync(
        Api api, string projection, Dictionary<string, JsonObject> expected, string seen)
    {
        Assert.NotEmpty(expected);
        foreach (var (key, model) in expected)
        {
            var path = $"/api/models/{projection}/{Uri.EscapeDataString(key)}?wait=60";
            var found = (await api.GetAsync(path, (MinPosition, seen))).Is(HttpStatusCode.OK).Json["model"];
            Assert.True(JsonNode.DeepEquals(model, found), $"{key} is\n{found}\nand not\n{model}");
        }

        var byEvents = expected
            .OrderByDescending(static one => (int)one.Value["events"]!)
            .ThenByDescending(static one => one.Key, StringComparer.Ordinal).Select(static one => one.Key);
        Assert.Equal(byEvents, await KeysAsync(api, $"{projection}?orderBy=events&descending=true"));
        Assert.Equal(
            expected.Where(static one => (int)one.Value["events"]! > 1).Select(static one => one.Key)
                .Order(StringComparer.Ordinal),
            await KeysAsync(api, $"{projection}?where=events:gt:1"));
    }

    private static async Task<IReadOnlyList<string>> KeysAsync(Api api, string query)
    {
        var keys = new List<string>();
        string? after = null;
        do
        {
            var path = $"/api/models/{query}{(query.Contains('?', StringComparison.Ordinal) ? '&' : '?')}limit=2";
            var page = (await api.GetAsync(path + (after is null ? "" : $"&after={after}"))).Is(HttpStatusCode.OK).Json;
            keys.AddRange(page["models"]!.AsArray().Select(static one => (string)one!["key"]!));
            after = (string?)page["next"];
        }
        while (after is not null);
        return keys;
    }

    private static async Task UntilPublishedAsync(Api api, string projection, string build)
    {
        var token = TestContext.Current.CancellationToken;
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(token);
        patience.CancelAfter(TimeSpan.FromSeconds(60));
        while (true)
        {
            var builds = (await api.GetAsync($"/api/projections/{projection}")).Is(HttpStatusCode.OK).Json["builds"]!;
            var one = builds.AsArray().SingleOrDefault(it => (string?)it!["name"] == build);
            if ((string?)one?["state"] == "published") return;
            patience.Token.ThrowIfCancellationRequested();
        }
    }
}
