using System.Diagnostics.Metrics;

namespace Granary.Storage.AzureStorage;

/// <summary>What is measured of the service, under the meter <see cref="GranaryNames.Meter"/>.</summary>
internal sealed class AzureMetrics : IDisposable
{
    private readonly Meter _meter = new(GranaryNames.Meter);
    private readonly Counter<long> _throttled;
    private readonly Counter<long> _retries;
    private readonly Counter<long> _contended;

    public AzureMetrics()
    {
        _meter.CreateObservableCounter(
            "granary.azure.requests", ReadRequests, "{request}", "Requests that were sent to the service");
        _throttled = _meter.CreateCounter<long>(
            "granary.azure.throttled", "{request}", "Requests that the service was too busy for");
        _retries = _meter.CreateCounter<long>(
            "granary.azure.retries", "{request}", "Requests that failed and may be tried again");
        _contended = _meter.CreateCounter<long>(
            "granary.azure.contended", "{commit}", "Commits that another process was ahead of");
    }

    /// <summary>What is counted of the requests to tables.</summary>
    public RequestCount Tables { get; } = new("table");

    /// <summary>What is counted of the requests to blobs.</summary>
    public RequestCount Blobs { get; } = new("blob");

    public void OnRetry(Exception fault)
    {
        _retries.Add(1);
        if (AzureErrors.IsThrottled(fault)) _throttled.Add(1);
    }

    public void OnContended() => _contended.Add(1);

    public void Dispose() => _meter.Dispose();

    private IEnumerable<Measurement<long>> ReadRequests() => [.. Tables.Read(), .. Blobs.Read()];
}
