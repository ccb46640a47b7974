using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Granary.Runtime;

/// <summary>The activities of Granary, under the source <see cref="GranaryNames.ActivitySource"/>.</summary>
internal static class GranaryTracing
{
    /// <summary>The source of all activities.</summary>
    public static ActivitySource Source { get; } = new(GranaryNames.ActivitySource);

    /// <summary>Whether activities are recorded at all.</summary>
    public static bool HasListeners => Source.HasListeners();

    /// <summary>One append from its grain's call to the answer, the queue included.</summary>
    public static GuardedActivity StartAppend(Append append, ILogger logger)
    {
        var activity = GuardedActivity.Start(Source, "granary.append", ActivityKind.Producer, logger);
        if (!activity.IsRecorded) return activity;
        activity.SetTag("granary.stream", append.Stream.ToString());
        activity.SetTag("granary.events", append.Events.Count);
        return activity;
    }

    /// <summary>One commit of a batch; a trace of its own, because it serves many callers at once.</summary>
    public static GuardedActivity StartCommit(LogPartition partition, int appends, int events, ILogger logger)
    {
        var activity = GuardedActivity.Start(Source, "granary.commit", ActivityKind.Client, logger);
        if (!activity.IsRecorded) return activity;
        activity.SetTag("granary.partition", partition.Value);
        activity.SetTag("granary.appends", appends);
        activity.SetTag("granary.events", events);
        return activity;
    }
}
