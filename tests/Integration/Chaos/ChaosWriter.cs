using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json.Nodes;

namespace Granary.Tests.Integration;

/// <summary>
/// One client. It appends to streams of its own and to contested ones, expecting the version that it saw last, and to
/// shared ones, whatever their version is. All of them are new ones again and again, so that a silo that was started
/// again has grains too. What is not answered it sends again under the same key, to any process.
/// </summary>
[SuppressMessage("Security", "CA5394", Justification = "The load is to be repeatable, not secret.")]
internal sealed class ChaosWriter
{
    private const int OwnStreams = 2;
    private const int SharedStreams = 12;
    private const int ContestedStreams = 3;
    private const int AppendsPerStreams = 50;
    private const int BatchSizeMax = 3;
    private const int OneOfIsRead = 8;
    private const int OneOfIsAbandoned = 20;

    private readonly int _writer;
    private readonly Random _random;
    private readonly ChaosHttp _http;
    private readonly ServiceWatch _watch;
    private readonly Action<SentAppend> _onSent;
    private readonly Dictionary<string, long> _versions = [];
    private int _number;

    public ChaosWriter(int writer, int seed, ChaosHttp http, ServiceWatch watch, Action<SentAppend> onSent)
    {
        _writer = writer;
        _random = new Random((seed * 31) + writer);
        _http = http;
        _watch = watch;
        _onSent = onSent;
    }

    /// <summary>Appends until it is stopped; the append that is being sent is still finished.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        await Task.Yield();
        while (!stop.IsCancellationRequested) await AppendAsync();
    }

    private async Task AppendAsync()
    {
        if (_number % AppendsPerStreams == 0) _versions.Clear();
        var (key, expects) = Choose();
        var expected = expects ? _versions.GetValueOrDefault(key) : (long?)null;
        var append = new SentAppend(
            _writer, ++_number, "chaos/" + key, _random.Next(1, BatchSizeMax + 1), SentOutcome.Unknown, 0);
        var body = new JsonArray([.. Enumerable.Range(0, append.Count).Select(at =>
            Events.One("chaos", StreamFold.Data(_writer, append.Number, at)))]).ToJsonString();

        while (true)
        {
            var begun = _watch.Now;
            var answer = await _http.AppendAsync(
                _random.Next(), key, body, $"{_writer}-{append.Number}", expected);
            if (answer is null)
            {
                if (_random.Next(OneOfIsAbandoned) == 0) break;
                await _http.ReadStateAsync(_random.Next(), key, _versions.GetValueOrDefault(key));
                continue;
            }

            _watch.Served(_writer, begun);
            append = append with
            {
                Outcome = answer.IsStored ? SentOutcome.Acknowledged : SentOutcome.Refused,
                FirstVersion = answer.FirstVersion,
            };
            _versions[key] = answer.Version;
            break;
        }

        _onSent(append);
        if (append.Outcome == SentOutcome.Acknowledged && _random.Next(OneOfIsRead) == 0)
            await _http.CheckReadAsync(_random.Next(), key, append);
    }

    private (string Key, bool Expects) Choose() => _random.Next(8) switch
    {
        < 4 => (Key("own", _writer * OwnStreams + _random.Next(OwnStreams)), true),
        < 7 => (Key("shared", _random.Next(SharedStreams)), false),
        _ => (Key("contested", _random.Next(ContestedStreams)), true),
    };

    private string Key(string kind, int number) =>
        string.Create(CultureInfo.InvariantCulture, $"{kind}-{number}-{_number / AppendsPerStreams}");
}
