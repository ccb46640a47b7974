using System.Diagnostics;

namespace Granary.Runtime;

/// <summary>The activities of Granary, under the source <see cref="GranaryNames.ActivitySource"/>.</summary>
internal static class GranaryTracing
{
    /// <summary>The source of all activities.</summary>
    public static ActivitySource Source { get; } = new(GranaryNames.ActivitySource);

    /// <summary>Whether activities are recorded at all.</summary>
    public static bool HasListeners => Source.HasListeners();

    /// <summary>One append from its grain's call to the answer, the queue included.</summary>
    public static Activity? StartAppend(Append append)
    {
        var activity = Source.StartActivity("granary.append", ActivityKind.Producer);
        activity?.SetTag("granary.stream", append.Stream.ToString());
        activity?.SetTag("granary.events", append.Events.Count);
        return activity;
    }

    /// <summary>One commit of a batch; a trace of its own, because it serves many callers at once.</summary>
    public static Activity? StartCommit(LogPartition partition, int appends, int events)
    {
        var activity = Source.StartActivity("granary.commit", ActivityKind.Client);
        activity?.SetTag("granary.partition", partition.Value);
        activity?.SetTag("granary.appends", appends);
        activity?.SetTag("granary.events", events);
        return activity;
    }

    /// <summary>Tags an append with its outcome, version and partition.</summary>
    public static void SetResult(this Activity? activity, AppendResult result)
    {
        if (activity is null) return;
        activity.SetTag("granary.partition", result.Position.Partition.Value);
        activity.SetTag("granary.version", result.Version.Value);
        activity.SetTag("granary.outcome", result.Outcome.ToString());
    }

    /// <summary>Marks an activity as failed.</summary>
    public static void Fail(this Activity? activity, Exception error)
    {
        if (activity is null) return;
        activity.SetStatus(ActivityStatusCode.Error, error.Message);
        activity.SetTag("error.type", error.GetType().FullName);
    }
}
