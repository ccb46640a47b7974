using System.Diagnostics.Metrics;
using Azure.Core;
using Azure.Core.Pipeline;

namespace Granary.Storage.AzureStorage;

/// <summary>
/// Counts the requests that a client sends, for whom metrics are collected: no listener runs while one is sent.
/// </summary>
/// <param name="service">To which service they are sent.</param>
internal sealed class RequestCount(string service) : HttpPipelineSynchronousPolicy
{
    private long _reads;
    private long _writes;

    /// <inheritdoc />
    public override void OnSendingRequest(HttpMessage message)
    {
        var method = message.Request.Method;
        if (method == RequestMethod.Get || method == RequestMethod.Head) Interlocked.Increment(ref _reads);
        else Interlocked.Increment(ref _writes);
    }

    /// <summary>How many there were: those that change nothing, and the others.</summary>
    public IEnumerable<Measurement<long>> Read() =>
        [Measure(Interlocked.Read(ref _reads), "read"), Measure(Interlocked.Read(ref _writes), "write")];

    private Measurement<long> Measure(long count, string kind) =>
        new(count, new("granary.service", service), new("granary.kind", kind));
}
