using Granary.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Granary.Gateway;

/// <summary>Events as they are stored, as server-sent events: of the log and of a stream.</summary>
internal static class LiveEndpoints
{
    private const string Description =
        "Server-sent events: what is stored already, and then each event when it is stored, until the reader leaves. "
        + "Each has an id; after a connection was lost a browser sends the last one as Last-Event-ID, and the events "
        + "after it follow, none of them left out or sent twice. data is the event as on a page of events. A reader "
        + "that takes nothing for a time is cut off.";

    public static void Map(RouteGroupBuilder api)
    {
        api.MapRead(
                "/log/live", Log, ApiParameter.FollowedPartition, ApiParameter.AfterPositions, ApiParameter.From,
                ApiParameter.Categories, ApiParameter.Streams, ApiParameter.Types, ApiParameter.LastEventId)
            .WithTags("Log").WithSummary("The events of the log, live").WithDescription(Description)
            .Produces<EventResponse>(200, LiveBody.ContentType).ProducesProblems(400, 404, 409, 503);
        api.MapGroup(StreamEndpoints.Pattern).WithTags(StreamEndpoints.Tag).WithMetadata(NamesInPath.Marker)
            .MapRead("/live", Stream, ApiParameter.AfterPoint, ApiParameter.From, ApiParameter.LastEventId)
            .WithSummary("The events of the stream, live")
            .WithDescription(Description + " The stream need not hold an event yet.")
            .Produces<EventResponse>(200, LiveBody.ContentType).ProducesProblems(400, 404, 409, 410, 503);
    }

    private static async Task<IResult> Log(HttpContext context, EventReader reader, LiveReaders live, TimeProvider time)
    {
        var token = context.RequestAborted;
        var start = LiveQuery.LogStart(context.Request);
        var filter = LiveQuery.Filter(context.Request);
        LiveQuery.CheckPartitions(start, await reader.GetPartitionCountAsync(token));
        var positions = await reader.Log.ResolveAsync(start, time, token);
        return Begin(context, new LogFeed(reader.Log, positions, filter, time), live);
    }

    private static async Task<IResult> Stream(
        HttpContext context, string category, string key, EventReader reader, LiveReaders live, TimeProvider time)
    {
        var token = context.RequestAborted;
        var stream = RequestTarget.Stream(context);
        var (point, version) = LiveQuery.StreamStart(context.Request);
        if (version is not null) point = await FindAsync(reader, stream, version.Value, token);
        return Begin(context, await StreamFeed.BeginAsync(reader, stream, point, time, token), live);
    }

    private static LiveResult Begin(HttpContext context, ILiveFeed feed, LiveReaders live) =>
        new(feed, live.Options, HttpMethods.IsHead(context.Request.Method) ? null : live.Enter());

    // A version alone may be another generation's later: from here on its position counts.
    private static async Task<StreamPoint> FindAsync(
        EventReader reader, StreamName stream, StreamVersion version, CancellationToken cancellationToken)
    {
        if (version == StreamVersion.Zero) return StreamPoint.Start;
        var range = new StreamRange(new(version.Value - 1), GlobalPosition.Zero, ReadDirection.Forward);
        await foreach (var recorded in reader.ReadStreamAsync(stream, range, cancellationToken))
            return StreamPoint.Of(recorded);
        throw StreamEndpoints.NoSuchVersion(await reader.ReadHeadAsync(stream, cancellationToken), version.Value);
    }
}
