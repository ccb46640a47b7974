using Granary.Client;
using Microsoft.AspNetCore.Http;

namespace Granary.Gateway;

/// <summary>Reads where a live reader begins, and which events it is sent.</summary>
internal static class LiveQuery
{
    private const string LastEventIdName = "Last-Event-ID";

    /// <summary>
    /// Where a reader of the log begins: after the id that it received last, else where the query says.
    /// </summary>
    public static LogStart LogStart(HttpRequest request)
    {
        var partition = RequestQuery.Number(request, "partition");
        var isEnd = IsEnd(request, out var after);
        if (partition > int.MaxValue) throw NoPartition(partition.Value);
        LogPartition? only = partition is { } number ? new((int)number) : null;
        if (LastEventId(request) is { } id)
            return After(LogPositions.TryParse(id, out var read, out var fault) ? read : throw InvalidId(fault), only);
        if (after is null)
        {
            return only is null
                ? isEnd ? Client.LogStart.End : Client.LogStart.Beginning
                : isEnd ? Client.LogStart.EndOf(only.Value) : Client.LogStart.BeginningOf(only.Value);
        }

        if (only is not null && !after.Contains(':'))
            return Client.LogStart.After(
                new([new(only.Value, new(RequestQuery.Number(request, "after")!.Value))]));
        return LogPositions.TryParse(after, out var positions, out var wrong)
            ? After(positions, only)
            : throw RequestQuery.Invalid($"after: {wrong} With partition it is a position alone.");
    }

    /// <summary>Which events of the log a reader is sent.</summary>
    public static LogFilter Filter(HttpRequest request)
    {
        var streams = new HashSet<StreamName>();
        foreach (var text in Values(request, "stream") ?? [])
        {
            if (!StreamName.TryParse(text, out var stream, out var fault))
                throw RequestQuery.Invalid($"stream: {fault}");
            streams.Add(stream);
        }

        if (streams.Count > GranaryLimits.FilterStreamsMax)
            throw RequestQuery.Invalid($"stream is sent {GranaryLimits.FilterStreamsMax} times at most.");
        return new LogFilter
        {
            Categories = Values(request, "category")?.ToHashSet(StringComparer.Ordinal),
            EventTypes = Values(request, "type")?.ToHashSet(StringComparer.Ordinal),
            Streams = streams.Count == 0 ? null : streams,
        };
    }

    /// <summary>
    /// Where a reader of a stream begins: after a point, or after a version; at the stream's end where both are null.
    /// </summary>
    public static (StreamPoint? Point, StreamVersion? Version) StreamStart(HttpRequest request)
    {
        var isEnd = IsEnd(request, out var after);
        if (LastEventId(request) is { } id)
            return (StreamPoint.TryParse(id) ?? throw InvalidId($"'{id}' is none of a stream's, as in 7-42."), null);
        if (after is null) return (isEnd ? null : StreamPoint.Start, null);
        if (!after.Contains('-')) return (null, new StreamVersion(RequestQuery.Number(request, "after")!.Value));
        return (StreamPoint.TryParse(after) ?? throw RequestQuery.Invalid(
            "after is a version, or version and position of an event, as in 7-42."), null);
    }

    /// <exception cref="ApiProblem">The log has no such partition.</exception>
    public static void CheckPartitions(LogStart start, int count)
    {
        var named = start.Positions?.Items.Select(static one => one.Partition)
            ?? (start.Partition is { } only ? [only] : []);
        foreach (var partition in named)
        {
            if (partition.Value >= count) throw NoPartition(partition.Value, count);
        }
    }

    private static LogStart After(LogPositions positions, LogPartition? only) =>
        only is null || (positions.Items is [var one] && one.Partition == only)
            ? Client.LogStart.After(positions)
            : throw RequestQuery.Invalid(
                $"partition is {only}, but the positions are {positions}. Name that partition alone, or leave out "
                + "partition.");

    private static bool IsEnd(HttpRequest request, out string? after)
    {
        after = RequestQuery.Text(request, "after");
        var from = RequestQuery.Text(request, "from");
        if (from is not null && after is not null) throw RequestQuery.Invalid("Send from or after, not both.");
        return from switch
        {
            null or "start" => false,
            "end" => true,
            _ => throw RequestQuery.Invalid("from is start or end."),
        };
    }

    // A browser that has received no id sends none, or an empty one.
    private static string? LastEventId(HttpRequest request) => request.Headers[LastEventIdName] switch
    {
        [] or [null] or [""] => null,
        [{ } id] => id,
        _ => throw InvalidId("It was sent twice."),
    };

    private static List<string>? Values(HttpRequest request, string name)
    {
        if (!request.Query.TryGetValue(name, out var values)) return null;
        var all = new List<string>();
        foreach (var value in values)
            all.Add(value is { Length: > 0 } ? value : throw RequestQuery.Invalid($"{name} is empty."));
        return all;
    }

    private static ApiProblem InvalidId(string reason) => ApiProblem.BadRequest(
        "invalid-last-event-id", $"{LastEventIdName}: {reason} Send an id as it was received from this call.");

    private static ApiProblem NoPartition(long partition, int? count = null) => ApiProblem.NotFound(
        $"There is no partition {partition}; they are counted from 0"
        + (count is { } all ? $" and there are {all}." : "."));
}
