using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Granary.Runtime;

/// <summary>
/// An activity, or none, whose listeners are not ours: what they throw is logged, and changes nothing of what is
/// traced.
/// </summary>
internal readonly struct GuardedActivity : IDisposable
{
    private readonly Activity? _activity;
    private readonly Activity? _outer;
    private readonly ILogger _logger;

    private GuardedActivity(Activity? activity, Activity? outer, ILogger logger) =>
        (_activity, _outer, _logger) = (activity, outer, logger);

    /// <summary>Starts an activity, where there is a listener to it.</summary>
    public static GuardedActivity Start(ActivitySource source, string name, ActivityKind kind, ILogger logger)
    {
        if (!source.HasListeners()) return new(null, null, logger);
        var outer = Activity.Current;
        try
        {
            return new(source.StartActivity(name, kind), outer, logger);
        }
        catch (Exception error)
        {
            Activity.Current = outer;
            ObserverLog.NotTraced(logger, error);
            return new(null, null, logger);
        }
    }

    /// <summary>Whether it is recorded.</summary>
    public bool IsRecorded => _activity is not null;

    /// <summary>Sets a tag.</summary>
    public void SetTag(string name, object? value) => _activity?.SetTag(name, value);

    /// <summary>Tags an append with its outcome, version and partition.</summary>
    public void SetResult(AppendResult result)
    {
        if (_activity is null) return;
        SetTag("granary.partition", result.Position.Partition.Value);
        SetTag("granary.version", result.Version.Value);
        SetTag("granary.outcome", result.Outcome.ToString());
    }

    /// <summary>Marks it as failed.</summary>
    public void Fail(Exception error)
    {
        if (_activity is null) return;
        _activity.SetStatus(ActivityStatusCode.Error, error.Message);
        SetTag("error.type", error.GetType().FullName);
    }

    /// <summary>Stops it.</summary>
    public void Dispose()
    {
        if (_activity is null) return;
        try
        {
            _activity.Dispose();
        }
        catch (Exception error)
        {
            Activity.Current = _outer;
            ObserverLog.NotTraced(_logger, error);
        }
    }
}
