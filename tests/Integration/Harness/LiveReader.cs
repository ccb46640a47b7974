using System.Net;
using System.Text.Json.Nodes;

namespace Granary.Tests.Integration;

/// <summary>
/// Reads server-sent events as the standard has browsers do: lines into fields, an empty line gives out the event, the
/// last id stays until another one comes.
/// </summary>
internal sealed class LiveReader : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly HttpClient _http;
    private readonly HttpResponseMessage _response;
    private readonly StreamReader _body;

    private LiveReader(HttpClient http, HttpResponseMessage response, Stream body) =>
        (_http, _response, _body) = (http, response, new StreamReader(body));

    /// <summary>The id that a browser would send when it connects again.</summary>
    public string LastId { get; private set; } = "";

    /// <summary>The comments that came so far.</summary>
    public int Comments { get; private set; }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Connects, as a browser does with the id that it received last.</summary>
    public static async Task<LiveReader> ConnectAsync(Uri url, string path, string? lastId = null)
    {
        var http = new HttpClient { Timeout = Timeout.InfiniteTimeSpan };
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(url, path));
        request.Headers.TryAddWithoutValidation("Accept", "text/event-stream");
        if (lastId is not null) request.Headers.TryAddWithoutValidation("Last-Event-ID", lastId);
        var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.MediaType);
        return new(http, response, await response.Content.ReadAsStreamAsync(Token)) { LastId = lastId ?? "" };
    }

    /// <summary>The next event that is given out; null at the end.</summary>
    public async Task<(string Name, JsonNode Data)?> NextAsync()
    {
        var (name, data) = ("message", new List<string>());
        while (await _body.ReadLineAsync(Token).AsTask().WaitAsync(Patience, Token) is { } line)
        {
            if (line.Length == 0)
            {
                if (data.Count > 0) return (name, JsonNode.Parse(string.Join('\n', data))!);
                name = "message";
                continue;
            }

            var colon = line.IndexOf(':');
            var (field, value) = colon < 0 ? (line, "") : (line[..colon], line[(colon + 1)..]);
            if (value.StartsWith(' ')) value = value[1..];
            if (field.Length == 0) Comments++;
            else if (field == "id") LastId = value;
            else if (field == "event") name = value;
            else if (field == "data") data.Add(value);
        }

        return null;
    }

    /// <summary>The next event, which is one of the log.</summary>
    public async Task<JsonNode> EventAsync()
    {
        var next = await NextAsync();
        Assert.Equal("message", next!.Value.Name);
        return next.Value.Data;
    }

    /// <summary>Reads until the id is known from which to resume before any event.</summary>
    public async Task OpenedAsync()
    {
        while (await _body.ReadLineAsync(Token).AsTask().WaitAsync(Patience, Token) is { Length: > 0 } line)
        {
            if (line.StartsWith("id: ", StringComparison.Ordinal)) LastId = line[4..];
        }
    }

    public void Dispose()
    {
        _body.Dispose();
        _response.Dispose();
        _http.Dispose();
    }
}
