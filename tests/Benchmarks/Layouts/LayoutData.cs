using System.Globalization;

namespace Granary.Benchmarks;

/// <summary>
/// The events of a layout, by rounds: each has one event of every stream, in an order of its own, then some events of
/// the long streams. So every position is known by arithmetic, and the database itself can write them in bulk.
/// </summary>
/// <param name="streams">How many streams there are beside the long ones.</param>
/// <param name="rounds">How many rounds there are.</param>
internal sealed class LayoutData(int streams, int rounds)
{
    /// <summary>The streams of which reading is measured.</summary>
    public const int LongStreams = 20;

    /// <summary>How many events each of these has in the end.</summary>
    public const int LongEvents = 1_000;

    // Has no divisor in common with a power of ten: each order is a permutation.
    private const long Step = 7_919;

    public int Streams => streams;

    public int Rounds => rounds;

    /// <summary>How many events a round has of each long stream.</summary>
    public int LongEach => LongEvents / rounds;

    /// <summary>How many events a round has.</summary>
    public int RoundEvents => streams + LongStreams * LongEach;

    public long Events => (long)rounds * RoundEvents;

    /// <summary>The number of a stream is that of its first event, and its partition.</summary>
    public long NumberOf(int stream) => (stream + 1L) * 64;

    /// <summary>The number of a long stream.</summary>
    public long NumberOfLong(int at) => NumberOf(streams + at);

    public static StreamName NameOf(int stream) => new("bench", stream.ToString(CultureInfo.InvariantCulture));

    public StreamName NameOfLong(int at) => NameOf(streams + at);

    /// <summary>Where the event of each stream in a round is.</summary>
    public long[] Positions(int round)
    {
        var (factor, positions) = (FactorOf(round), new long[streams]);
        for (var at = 0L; at < streams; at++) positions[at * factor % streams] = (long)round * RoundEvents + at + 1;
        return positions;
    }

    /// <summary>Where an event of a long stream in the first round is; 0 for version 0.</summary>
    public long PositionOfLong(int at, int version) =>
        version == 0 ? 0 : streams + (version - 1L) * LongStreams + at + 1;

    /// <summary>A SELECT of a round's events.</summary>
    /// <param name="round">The round; 0 is each stream's first event.</param>
    /// <param name="type">The number of the event type.</param>
    /// <returns>position, stream, version, prev, type, payload.</returns>
    public string Select(int round, int type)
    {
        var (factor, start) = (FactorOf(round), (long)round * RoundEvents);
        var payload = $"decode('{Convert.ToHexString(Noted.Json)}', 'hex')";
        return string.Create(CultureInfo.InvariantCulture, $"""
            SELECT {start} + o + 1 AS position, (o * {factor} % {streams} + 1) * 64 AS stream,
              {round + 1}::bigint AS version,
              {(round == 0 ? "0" : $"{start - RoundEvents} + o * {Step} % {streams} + 1")} AS prev,
              {type} AS type, {payload} AS payload
            FROM generate_series(0::bigint, {streams - 1}) AS o
            UNION ALL
            SELECT {start + streams} + j * {LongStreams} + l + 1, ({streams} + l + 1) * 64,
              {round} * {LongEach}::bigint + j + 1,
              CASE WHEN j > 0 THEN {start + streams} + (j - 1) * {LongStreams} + l + 1
                WHEN {round} = 0 THEN 0
                ELSE {start - RoundEvents + streams} + {(LongEach - 1) * LongStreams} + l + 1 END,
              {type}, {payload}
            FROM generate_series(0::bigint, {LongEach - 1}) AS j, generate_series(0::bigint, {LongStreams - 1}) AS l
            ORDER BY 1
            """);
    }

    private long FactorOf(int round)
    {
        var factor = 1L;
        for (var at = 0; at < round; at++) factor = factor * Step % streams;
        return factor;
    }
}

/// <summary>An append of one event.</summary>
/// <param name="Stream">To which stream.</param>
/// <param name="Version">The stream's version before it.</param>
/// <param name="Position">The position of that event.</param>
internal readonly record struct OneAppend(int Stream, long Version, long Position);

/// <summary>Appends to random streams, one event each; the same ones for every layout.</summary>
/// <param name="data">The events before.</param>
/// <param name="rounds">How many rounds they have.</param>
internal sealed class RandomAppends(LayoutData data, int rounds)
{
    private readonly Random _random = new(7_210);
    private readonly int[] _versions = [.. Enumerable.Repeat(rounds, data.Streams)];

    // One writer appends, so where an event will be is known before.
    private readonly long[] _positions = data.Positions(rounds - 1);
    private long _last = (long)rounds * data.RoundEvents;

    /// <summary>The next one, to one of so many streams, which are spread over all.</summary>
    public OneAppend Next(int among)
    {
        var stream = _random.Next(among) * (data.Streams / among);
        var append = new OneAppend(stream, _versions[stream]++, _positions[stream]);
        _positions[stream] = ++_last;
        return append;
    }
}
