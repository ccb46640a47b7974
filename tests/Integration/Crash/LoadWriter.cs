using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace Granary.Tests.Integration;

/// <summary>
/// One of many that append at once: to a stream of its own, whose version it expects, and to streams that all share. It
/// counts its events, and sends an append whose answer it did not get again under the same key until it gets one.
/// </summary>
[SuppressMessage("Security", "CA5394", Justification = "The load is to be repeatable, not secret.")]
internal sealed class LoadWriter
{
    private const int SharedStreams = 4;
    private const int BatchSizeMax = 3;

    private readonly int _writer;
    private readonly Random _random;
    private readonly Func<IReadOnlyList<Uri>> _silos;
    private readonly Func<CancellationToken, Task> _whenDown;
    private readonly Action<Acknowledged> _onAcknowledged;
    private readonly string _own;
    private int _number = 1;
    private long _ownVersion;

    /// <summary>Makes a writer.</summary>
    /// <param name="writer">Its number.</param>
    /// <param name="seed">What its choices follow from.</param>
    /// <param name="silos">Where the silos are now; each try goes to any one of them.</param>
    /// <param name="whenDown">Waits, after a try without an answer, until another is worth it.</param>
    /// <param name="onAcknowledged">Called for each append that was acknowledged.</param>
    public LoadWriter(
        int writer,
        int seed,
        Func<IReadOnlyList<Uri>> silos,
        Func<CancellationToken, Task> whenDown,
        Action<Acknowledged> onAcknowledged)
    {
        _writer = writer;
        _random = new Random(HashCode.Combine(writer) ^ (seed * 31 + writer));
        _silos = silos;
        _whenDown = whenDown;
        _onAcknowledged = onAcknowledged;
        _own = $"own-{writer}";
    }

    /// <summary>Appends until it is stopped; the append in flight is still finished.</summary>
    public async Task RunAsync(HttpClient http, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested) await AppendAsync(http, stop);
    }

    private async Task AppendAsync(HttpClient http, CancellationToken stop)
    {
        var count = _random.Next(1, BatchSizeMax + 1);
        var own = _random.Next(2) == 0;
        var key = own ? _own : $"shared-{_random.Next(SharedStreams)}";
        var body = new JsonArray([.. Enumerable.Range(0, count).Select(at => Events.One(
            "load", new JsonObject { ["writer"] = _writer, ["n"] = _number + at, ["at"] = at, ["of"] = count }))]);

        var answer = await SendAsync(http, key, body.ToJsonString(), own ? _ownVersion : null, stop);
        if (answer is null) return;

        var version = answer["version"]!.GetValue<long>();
        if (own) _ownVersion = version;
        _onAcknowledged(new Acknowledged(
            answer["stream"]!.GetValue<string>(), answer["firstVersion"]!.GetValue<long>(), version, _writer, _number));
        _number += count;
    }

    /// <summary>The answer, or null where the load was stopped before there was one.</summary>
    private async Task<JsonNode?> SendAsync(
        HttpClient http, string key, string body, long? expected, CancellationToken stop)
    {
        while (true)
        {
            var silos = _silos();
            using var request = new HttpRequestMessage(
                HttpMethod.Post, new Uri(silos[_random.Next(silos.Count)], $"/api/streams/load/{key}"));
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
            request.Headers.Add("Idempotency-Key", string.Create(CultureInfo.InvariantCulture, $"{_writer}-{_number}"));
            if (expected is > 0) request.Headers.TryAddWithoutValidation("If-Match", $"\"{expected}\"");
            if (expected is 0) request.Headers.TryAddWithoutValidation("If-None-Match", "*");

            if (await TrySendAsync(http, request) is { } answer) return answer;
            try
            {
                await _whenDown(stop);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return null;
            }
        }
    }

    private static async Task<JsonNode?> TrySendAsync(HttpClient http, HttpRequestMessage request)
    {
        try
        {
            using var response = await http.SendAsync(request);
            var text = await response.Content.ReadAsStringAsync();
            if (response.StatusCode is HttpStatusCode.Created or HttpStatusCode.OK) return JsonNode.Parse(text);
            if (response.StatusCode is HttpStatusCode.ServiceUnavailable) return null;
            throw new InvalidOperationException($"{request.RequestUri} answered {(int)response.StatusCode}: {text}");
        }
        catch (HttpRequestException)
        {
            // Killed in the middle: whether the append landed is what the retry finds out.
            return null;
        }
    }
}
