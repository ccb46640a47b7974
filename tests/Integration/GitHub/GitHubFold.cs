using System.Text.Json.Nodes;

namespace Granary.Tests.Integration;

/// <summary>
/// The models that <see cref="Repositories"/> and <see cref="Contributors"/> have of payloads, folded from their JSON
/// alone, so that the product is not checked against itself.
/// </summary>
internal static class GitHubFold
{
    public static Dictionary<string, JsonObject> Repositories(IEnumerable<WebhookPayload> payloads)
    {
        var models = new Dictionary<string, JsonObject>();
        foreach (var payload in payloads)
        {
            var data = payload.Data;
            foreach (var key in NamedRepositories(data))
            {
                if (!models.TryGetValue(key, out var model)) models[key] = model = NewRepository();
                Count(model, payload.Type);
                if (Text(data["sender"]?["login"]) is { } sender) AddOnce(model, "senders", sender);
                if (data["repository"] is { } repository)
                {
                    model["forks"] = (int)repository["forks_count"]!;
                    model["openIssues"] = (int)repository["open_issues_count"]!;
                }

                ChangeByType(model, payload);
            }
        }

        return models;
    }

    public static Dictionary<string, JsonObject> Contributors(IEnumerable<WebhookPayload> payloads)
    {
        var models = new Dictionary<string, JsonObject>();
        foreach (var payload in payloads)
        {
            var data = payload.Data;
            string?[] named =
            [
                Text(data["sender"]?["login"]), Text(data["repository"]?["owner"]?["login"]),
                Text(data["forkee"]?["owner"]?["login"]), Text(data["installation"]?["account"]?["login"]),
                Text(data["pull_request"]?["user"]?["login"]), Text(data["release"]?["author"]?["login"]),
            ];
            foreach (var key in named.OfType<string>().Distinct())
            {
                if (!models.TryGetValue(key, out var model))
                    models[key] = model = new JsonObject
                    {
                        ["events"] = 0, ["kinds"] = new JsonObject(), ["repositories"] = new JsonArray(),
                    };
                Count(model, payload.Type);
                if (Text(data["repository"]?["full_name"]) is { } name) AddOnce(model, "repositories", name);
            }
        }

        return models;
    }

    private static IEnumerable<string> NamedRepositories(JsonNode data)
    {
        if (Text(data["repository"]?["full_name"]) is { } own) return [own];
        return data["repositories"] is JsonArray several
            ? several.Select(static one => (string)one!["full_name"]!).Distinct()
            : [];
    }

    private static JsonObject NewRepository() => new()
    {
        ["events"] = 0, ["stars"] = 0, ["forks"] = 0, ["openIssues"] = 0, ["installations"] = 0,
        ["kinds"] = new JsonObject(), ["senders"] = new JsonArray(), ["branches"] = new JsonArray(),
        ["pages"] = new JsonArray(), ["releases"] = new JsonArray(), ["pullRequests"] = new JsonArray(),
    };

    private static void ChangeByType(JsonObject model, WebhookPayload payload)
    {
        var data = payload.Data;
        switch (payload.Type)
        {
            case "installation.created": Add(model, "installations", 1); break;
            case "star.created": Add(model, "stars", 1); break;
            case "star.deleted": Add(model, "stars", -1); break;
            case "push": Append(model, "branches", data["ref"]); break;
            case "release.published": Append(model, "releases", data["release"]!["tag_name"]); break;
            case "pull_request.opened": Append(model, "pullRequests", data["pull_request"]!["number"]); break;
            case "gollum":
                foreach (var page in data["pages"]!.AsArray()) Append(model, "pages", page!["title"]);
                break;
        }
    }

    private static string? Text(JsonNode? node) => node?.GetValue<string>();

    private static void Count(JsonObject model, string type)
    {
        Add(model, "events", 1);
        var kinds = model["kinds"]!.AsObject();
        kinds[type] = (kinds[type]?.GetValue<int>() ?? 0) + 1;
    }

    private static void Add(JsonObject model, string member, int amount) =>
        model[member] = model[member]!.GetValue<int>() + amount;

    private static void Append(JsonObject model, string member, JsonNode? value) =>
        model[member]!.AsArray().Add(value!.DeepClone());

    // A set is written in the order of its members.
    private static void AddOnce(JsonObject model, string member, string value)
    {
        var all = model[member]!.AsArray().Select(static one => (string)one!).Append(value).Distinct();
        model[member] = new JsonArray(
            [.. all.Order(StringComparer.Ordinal).Select(static one => (JsonNode)JsonValue.Create(one))]);
    }
}
