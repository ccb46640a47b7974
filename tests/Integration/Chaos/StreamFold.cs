using System.Globalization;
using System.Text.Json.Nodes;

namespace Granary.Tests.Integration;

/// <summary>
/// The state of a stream of the load: which append of each client was stored last, and the last event.
/// </summary>
internal sealed class StreamFold
{
    private readonly Dictionary<int, int> _appends = [];
    private LoggedEvent? _last;

    public long Version { get; private set; }

    /// <summary>The data of an event of the load; its members add up to a state of the whole stream.</summary>
    public static JsonObject Data(int writer, int number, int at) => new()
    {
        ["writer"] = writer,
        ["append"] = number,
        ["at"] = at,
        [Member(writer)] = number,
    };

    public void Apply(LoggedEvent one)
    {
        Version = one.Version;
        _appends[one.Writer] = one.Number;
        _last = one;
    }

    /// <summary>Whether an answered state is this one.</summary>
    public bool Is(long version, JsonNode? state)
    {
        if (_last is null || version != Version) return false;
        var expected = Data(_last.Writer, _last.Number, _last.At);
        foreach (var (writer, number) in _appends) expected[Member(writer)] = number;
        return JsonNode.DeepEquals(expected, state);
    }

    private static string Member(int writer) => string.Create(CultureInfo.InvariantCulture, $"w{writer}");
}
