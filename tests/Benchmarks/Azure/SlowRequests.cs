namespace Granary.Benchmarks;

/// <summary>Makes each request take longer: the way to a service that is not on the machine.</summary>
internal sealed class SlowRequests(TimeSpan latency) : DelegatingHandler(new SocketsHttpHandler())
{
    protected override async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request, CancellationToken cancellationToken)
    {
        await Task.Delay(latency, TimeProvider.System, cancellationToken);
        return await base.SendAsync(request, cancellationToken);
    }
}
