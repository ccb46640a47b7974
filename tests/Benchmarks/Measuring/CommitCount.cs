using System.Diagnostics.Metrics;

namespace Granary.Benchmarks;

/// <summary>Counts the commits of this process and what they hold, by Granary's own metric.</summary>
internal sealed class CommitCount : IDisposable
{
    private readonly MeterListener _listener = new();
    private long _commits;
    private long _appends;

    public CommitCount()
    {
        _listener.InstrumentPublished = static (instrument, listener) =>
        {
            if (instrument is { Meter.Name: GranaryNames.Meter, Name: "granary.batch.appends" })
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<int>((_, appends, _, _) =>
        {
            Interlocked.Increment(ref _commits);
            Interlocked.Add(ref _appends, appends);
        });
        _listener.Start();
    }

    public long Commits => Interlocked.Read(ref _commits);

    public long Appends => Interlocked.Read(ref _appends);

    /// <summary>The mean of the commits' sizes.</summary>
    public double AppendsEach => (double)Appends / Math.Max(1, Commits);

    public void Dispose() => _listener.Dispose();
}
