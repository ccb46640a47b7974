using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace Granary.Tests.Integration;

/// <summary>What an append was answered with.</summary>
internal sealed record AppendReply(bool IsStored, long FirstVersion, long Version);

/// <summary>
/// The requests of the load, balanced over the processes that serve the API. An answer is a result, a documented
/// problem or a lost connection; everything else is kept as a violation.
/// </summary>
internal sealed class ChaosHttp : IDisposable
{
    private const int ViolationsMax = 30;
    private const string Lost = "connection lost";
    private const string Silent = "no answer in time";

    private static readonly HashSet<string> Unavailable =
    [
        "store-unavailable", "not-confirmed", "no-answer", "contention", "unavailable", "stopping", "not-ready",
        "too-many-reads",
    ];

    private readonly IReadOnlyList<Uri> _urls;
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(6) };
    private readonly ConcurrentDictionary<string, int> _answers = new();
    private readonly ConcurrentQueue<string> _violations = new();

    public ChaosHttp(IReadOnlyList<Uri> urls) => _urls = urls;

    /// <summary>How often each kind of answer came.</summary>
    public IReadOnlyDictionary<string, int> Answers => _answers;

    /// <summary>Answers that must not be.</summary>
    public IReadOnlyCollection<string> Violations => _violations;

    /// <summary>Sends an append once.</summary>
    /// <param name="choice">Decides which process it is sent to.</param>
    /// <param name="key">The stream's key.</param>
    /// <param name="body">Its events.</param>
    /// <param name="idempotencyKey">What it is recognised by.</param>
    /// <param name="expected">The version that the stream has to be at.</param>
    /// <returns>Null where it is not known whether it is stored, and another try is due.</returns>
    public async Task<AppendReply?> AppendAsync(
        int choice, string key, string body, string idempotencyKey, long? expected)
    {
        var (status, answer) = await SendAsync(choice, $"/api/streams/chaos/{key}", request =>
        {
            request.Method = HttpMethod.Post;
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
            request.Headers.Add("Idempotency-Key", idempotencyKey);
            if (expected is > 0) request.Headers.TryAddWithoutValidation("If-Match", $"\"{expected}\"");
            if (expected is 0) request.Headers.TryAddWithoutValidation("If-None-Match", "*");
        });
        if (status is HttpStatusCode.Created or HttpStatusCode.OK)
            return new AppendReply(true, Long(answer!, "firstVersion"), Long(answer!, "version"));
        if (status is HttpStatusCode.PreconditionFailed && expected is not null)
            return new AppendReply(false, 0, Long(answer!, "actual"));
        if (status is HttpStatusCode.PreconditionFailed) Violate($"412 without a condition: {answer}");
        return null;
    }

    /// <summary>Checks that an acknowledged append is what any process reads at its version.</summary>
    public async Task CheckReadAsync(int choice, string key, SentAppend append)
    {
        var path = string.Create(CultureInfo.InvariantCulture,
            $"/api/streams/chaos/{key}/events?after={append.FirstVersion - 1}&limit={append.Count}");
        var (status, answer) = await SendAsync(choice, path, static _ => { });
        if (status is not HttpStatusCode.OK) return;
        var events = answer!["events"]!.AsArray();
        for (var at = 0; at < append.Count; at++)
        {
            if (at < events.Count && JsonNode.DeepEquals(
                events[at]!["data"], StreamFold.Data(append.Writer, append.Number, at))) continue;
            Violate($"{append} is acknowledged, but read at {Url(choice)}: {answer}");
            return;
        }
    }

    /// <summary>Reads a state while something fails: it is not older than what was acknowledged.</summary>
    /// <param name="choice">Decides which process it is sent to.</param>
    /// <param name="key">The stream's key.</param>
    /// <param name="known">A version that the stream has reached; 0 where it may have no event.</param>
    public async Task ReadStateAsync(int choice, string key, long known)
    {
        var (status, answer) = await SendAsync(choice, $"/api/streams/chaos/{key}/state", static _ => { });
        if (status is HttpStatusCode.OK && Long(answer!, "version") < known)
            Violate($"{key} has reached version {known}, but its state at {Url(choice)} is {answer}.");
        if (status is HttpStatusCode.NotFound && known > 0)
            Violate($"{key} has reached version {known}, but is not found at {Url(choice)}.");
    }

    public void Dispose() => _http.Dispose();

    private Uri Url(int choice) => _urls[choice % _urls.Count];

    private async Task<(HttpStatusCode? Status, JsonNode? Answer)> SendAsync(
        int choice, string path, Action<HttpRequestMessage> complete)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(Url(choice), path));
        complete(request);
        try
        {
            using var response = await _http.SendAsync(request);
            var text = await response.Content.ReadAsStringAsync();
            var type = response.Content.Headers.ContentType?.MediaType;
            var node = JsonNode.Parse(text);
            if (!response.IsSuccessStatusCode) CheckProblem(request, response.StatusCode, type, node);
            else Count($"{(int)response.StatusCode}");
            if (response.StatusCode is HttpStatusCode.ServiceUnavailable)
                await PauseAsync(response.Headers.RetryAfter?.Delta ?? TimeSpan.FromSeconds(1));
            return (response.StatusCode, node);
        }
        catch (HttpRequestException)
        {
            Count(Lost);
            await PauseAsync(TimeSpan.FromMilliseconds(100));
            return (null, null);
        }
        catch (TaskCanceledException)
        {
            Count(Silent);
            return (null, null);
        }
        catch (System.Text.Json.JsonException)
        {
            Violate($"{request.Method} {request.RequestUri}: no JSON");
            return (null, null);
        }
    }

    private void CheckProblem(HttpRequestMessage request, HttpStatusCode status, string? type, JsonNode? problem)
    {
        var code = problem?["code"]?.ToString() ?? "";
        Count($"{(int)status} {code}");
        var isKnown = status switch
        {
            HttpStatusCode.ServiceUnavailable => Unavailable.Contains(code),
            HttpStatusCode.PreconditionFailed => code == "wrong-expected-version",
            HttpStatusCode.NotFound => code == "not-found",
            _ => false,
        };
        if (!isKnown || type != "application/problem+json")
            Violate($"{request.Method} {request.RequestUri}: {(int)status} {type}: {problem}");
    }

    private void Count(string answer) => _answers.AddOrUpdate(answer, 1, static (_, count) => count + 1);

    private void Violate(string violation)
    {
        if (_violations.Count < ViolationsMax) _violations.Enqueue(violation);
    }

    // A client that obeys Retry-After.
    private static Task PauseAsync(TimeSpan time) => Task.Delay(time, TimeProvider.System);

    private static long Long(JsonNode answer, string name) => answer[name]!.GetValue<long>();
}
