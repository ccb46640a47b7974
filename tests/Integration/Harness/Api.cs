using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace Granary.Tests.Integration;

/// <summary>The API over a real socket, as any program would call it.</summary>
internal sealed class Api(Uri url) : IDisposable
{
    public const string Json = "application/json";

    private readonly HttpClient _http = new() { BaseAddress = url, Timeout = TimeSpan.FromSeconds(60) };

    /// <summary>The path of a stream, percent-encoded.</summary>
    public static string Stream(string category, string key, string rest = "") =>
        $"/api/streams/{Uri.EscapeDataString(category)}/{Uri.EscapeDataString(key)}{rest}";

    public Task<Answer> GetAsync(string path, params (string Name, string Value)[] headers) =>
        SendAsync(HttpMethod.Get, path, null, headers);

    public Task<Answer> PostAsync(string path, JsonNode body, params (string Name, string Value)[] headers) =>
        PostAsync(path, body.ToJsonString(), Json, headers);

    public Task<Answer> PostAsync(
        string path, string body, string contentType = Json, params (string Name, string Value)[] headers)
    {
        var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);
        return SendAsync(HttpMethod.Post, path, content, headers);
    }

    public async Task<Answer> SendAsync(
        HttpMethod method, string path, HttpContent? content, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, new Uri(url, path)) { Content = content };
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);

        var token = TestContext.Current.CancellationToken;
        using var response = await _http.SendAsync(request, token);
        var text = await response.Content.ReadAsStringAsync(token);
        var all = response.Headers.Concat(response.Content.Headers).ToDictionary(
            header => header.Key, header => string.Join(", ", header.Value), StringComparer.OrdinalIgnoreCase);
        return new Answer(response.StatusCode, text, response.Content.Headers.ContentType?.MediaType, all);
    }

    /// <summary>Follows the pages from a path without <c>after</c> to the last one; checks each page's size.</summary>
    public async Task<List<JsonNode>> PagesAsync(string path, int limit = 1000, long after = 0)
    {
        var separator = path.Contains('?') ? '&' : '?';
        var events = new List<JsonNode>();
        for (var (next, more) = (after, true); more;)
        {
            var page = (await GetAsync($"{path}{separator}after={next}&limit={limit}")).Is(
                System.Net.HttpStatusCode.OK).Json;
            var onPage = page["events"]!.AsArray();
            Assert.InRange(onPage.Count, 0, limit);
            events.AddRange(onPage.Select(one => one!));
            (next, more) = (page["next"]!.GetValue<long>(), page["more"]!.GetValue<bool>());
        }

        return events;
    }

    public void Dispose() => _http.Dispose();
}
