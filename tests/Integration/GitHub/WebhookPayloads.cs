using System.Text.Json.Nodes;

namespace Granary.Tests.Integration;

/// <summary>One of GitHub's payloads: the stream that it belongs to, its type and itself.</summary>
internal sealed record WebhookPayload(string Category, string Key, string Type, JsonNode Data);

/// <summary>GitHub's own examples of what it sends to webhooks; see <c>Data/octokit-webhooks-examples</c>.</summary>
internal static class WebhookPayloads
{
    public const int Count = 10;

    public static IReadOnlyList<WebhookPayload> Read()
    {
        var folder = Path.Combine(AppContext.BaseDirectory, "Data", "octokit-webhooks-examples");
        return Directory.EnumerateFiles(folder, "*.json").Order(StringComparer.Ordinal).SelectMany(ReadFile).ToList();
    }

    private static IEnumerable<WebhookPayload> ReadFile(string file)
    {
        var webhook = JsonNode.Parse(File.ReadAllText(file))!;
        var name = webhook["name"]!.GetValue<string>();
        return webhook["examples"]!.AsArray().Select(data => Parse(name, data!));
    }

    // Some are about an app or an advisory and name no repository; those go to the account that they name.
    private static WebhookPayload Parse(string name, JsonNode data)
    {
        var action = data["action"]?.GetValue<string>();
        var type = action is null ? name : $"{name}.{action}";
        return data["repository"]?["full_name"]?.GetValue<string>() is { } repository
            ? new WebhookPayload("repository", repository, type, data)
            : new WebhookPayload("owner", data["sender"]?["login"]?.GetValue<string>() ?? "github", type, data);
    }
}
