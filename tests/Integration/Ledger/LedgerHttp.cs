using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace Granary.Tests.Integration;

/// <summary>
/// Requests to the silos of a cluster. One that is not answered, or is to be repeated, is sent again as it is, to
/// the next silo.
/// </summary>
internal sealed class LedgerHttp(IReadOnlyList<Uri> urls) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    // A machine with much else to do starts a silo slowly.
    private static readonly TimeSpan StartPatience = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan PauseMax = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LostPause = TimeSpan.FromMilliseconds(100);

    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(10) };
    private readonly ConcurrentDictionary<string, int> _answers = new();

    /// <summary>How often each kind of answer came.</summary>
    public IReadOnlyDictionary<string, int> Answers => _answers;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public Task<Answer> GetAsync(string path, int choice = 0, params (string Name, string Value)[] headers) =>
        SendAsync(choice, HttpMethod.Get, path, null, headers);

    /// <summary>Posts under a key, so that it is done once however often it is sent.</summary>
    public Task<Answer> PostAsync(int choice, string path, JsonNode body, string key) =>
        SendAsync(choice, HttpMethod.Post, path, body.ToJsonString(), ("Idempotency-Key", key));

    /// <summary>Sends to one silo, which may be being started, until it answers; null where it does not.</summary>
    public async Task<Answer?> SendToAsync(Uri url, HttpMethod method, string path)
    {
        var begun = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(begun) < StartPatience)
        {
            if (await TryAsync(new Uri(url, path), method, null, []) is { } answer) return answer;
        }

        return null;
    }

    public void Dispose() => _http.Dispose();

    private async Task<Answer> SendAsync(
        int choice, HttpMethod method, string path, string? body, params (string Name, string Value)[] headers)
    {
        var begun = TimeProvider.System.GetTimestamp();
        for (var tries = 0; ; tries++)
        {
            var url = new Uri(urls[(int)((uint)(choice + tries) % urls.Count)], path);
            if (await TryAsync(url, method, body, headers) is { } answer) return answer;
            Assert.True(
                TimeProvider.System.GetElapsedTime(begun) < Patience,
                $"{method} {path} was sent {tries + 1} times within {Patience.TotalSeconds} s and got no answer.");
        }
    }

    private async Task<Answer?> TryAsync(
        Uri url, HttpMethod method, string? body, (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, url);
        if (body is not null) request.Content = new StringContent(body, Encoding.UTF8, Api.Json);
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        try
        {
            using var response = await _http.SendAsync(request, Token);
            var text = await response.Content.ReadAsStringAsync(Token);
            if (response.StatusCode != HttpStatusCode.ServiceUnavailable)
            {
                Count($"{(int)response.StatusCode}");
                return new Answer(
                    response.StatusCode, text, response.Content.Headers.ContentType?.MediaType,
                    response.Headers.ToDictionary(
                        static one => one.Key, static one => string.Join(", ", one.Value),
                        StringComparer.OrdinalIgnoreCase));
            }

            Count($"503 {JsonNode.Parse(text)?["code"]}");
            var pause = response.Headers.RetryAfter?.Delta ?? PauseMax;
            await PauseAsync(pause < PauseMax ? pause : PauseMax);
        }
        catch (HttpRequestException)
        {
            Count("connection lost");
            await PauseAsync(LostPause);
        }
        catch (TaskCanceledException) when (!Token.IsCancellationRequested)
        {
            Count("no answer in time");
        }

        return null;
    }

    private void Count(string answer) => _answers.AddOrUpdate(answer, 1, static (_, count) => count + 1);

    // A client that obeys Retry-After, and does not press one that is being started.
    private static Task PauseAsync(TimeSpan time) => Task.Delay(time, TimeProvider.System, Token);
}
