using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;

namespace Granary.Tests.Integration;

/// <summary>
/// Reads the log on from where it stopped, and holds it against what the load was answered: every acknowledged event is
/// there once, in order, without gaps, appends are whole, and no writer's events are there twice.
/// </summary>
internal sealed class LogAudit
{
    private readonly ConcurrentQueue<Acknowledged> _acknowledged = new();
    private readonly Dictionary<(string Stream, long Version), (int Writer, int Number)> _events = [];
    private readonly Dictionary<string, (long Version, JsonNode Data)> _streams = [];
    private readonly Dictionary<int, int> _numbers = [];
    private JsonNode? _last;
    private long _position;

    public long Events => _position;

    public void Acknowledge(Acknowledged acknowledged) => _acknowledged.Enqueue(acknowledged);

    public async Task CheckAsync(Api api)
    {
        // Copied before reading: what is acknowledged while the log is being read may come after its end as read.
        var acknowledged = new List<Acknowledged>();
        while (_acknowledged.TryDequeue(out var one)) acknowledged.Add(one);

        foreach (var one in await api.PagesAsync("/api/log?partition=0", after: _position)) CheckNext(one);
        Assert.True(_last is null || IsWhole(_last), "The log ends within an append.");
        foreach (var one in acknowledged) CheckKept(one);
    }

    /// <summary>Checks that every stream's state is what its last event made it; only while no writer runs.</summary>
    public async Task CheckStatesAsync(Api api)
    {
        foreach (var (stream, (version, data)) in _streams)
        {
            var state = (await api.GetAsync($"/api/streams/{stream}/state")).Is(HttpStatusCode.OK).Json;
            Assert.Equal(version, state["version"]!.GetValue<long>());
            Assert.True(JsonNode.DeepEquals(data, state["state"]), $"{stream}: {state.ToJsonString()}");
        }
    }

    private void CheckNext(JsonNode one)
    {
        var stream = one["stream"]!.GetValue<string>();
        var version = one["version"]!.GetValue<long>();
        var data = one["data"]!;
        var (writer, number, at) = (Int(data, "writer"), Int(data, "n"), Int(data, "at"));

        Assert.Equal(_position + 1, one["position"]!.GetValue<long>());
        Assert.Equal(_streams.GetValueOrDefault(stream).Version + 1, version);
        Assert.True(
            number == _numbers.GetValueOrDefault(writer) + 1,
            $"Position {_position + 1} holds event {number} of writer {writer}, "
            + $"after its {_numbers.GetValueOrDefault(writer)}.");
        if (at == 0) Assert.True(_last is null || IsWhole(_last),
            $"The append before position {_position + 1} is not whole.");
        else Assert.Equal((writer, at - 1), (Int(_last!, "writer"), Int(_last!, "at")));

        _position++;
        _streams[stream] = (version, data);
        _numbers[writer] = number;
        _events[(stream, version)] = (writer, number);
        _last = data;
    }

    private void CheckKept(Acknowledged acknowledged)
    {
        for (var version = acknowledged.FirstVersion; version <= acknowledged.Version; version++)
        {
            var number = acknowledged.FirstNumber + (int)(version - acknowledged.FirstVersion);
            Assert.True(_events.TryGetValue((acknowledged.Stream, version), out var there), $"{acknowledged} is lost.");
            Assert.Equal((acknowledged.Writer, number), there);
        }
    }

    private static bool IsWhole(JsonNode data) => Int(data, "at") == Int(data, "of") - 1;

    private static int Int(JsonNode data, string name) => data[name]!.GetValue<int>();
}
