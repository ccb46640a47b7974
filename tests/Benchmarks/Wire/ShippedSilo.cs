using System.Text.Json;
using Granary.Silo;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Granary.Benchmarks;

/// <summary>
/// The shipped silo in this process, built and started as its program does, with the settings that it is shipped with.
/// Added is one endpoint, which only parses the body of an append.
/// </summary>
internal sealed class ShippedSilo : IAsyncDisposable
{
    private WebApplication? _app;
    private long _parsed;

    /// <summary>Where its HTTP API listens.</summary>
    public int HttpPort { get; private set; }

    /// <summary>Where it listens for Orleans clients.</summary>
    public int GatewayPort { get; private set; }

    public IServiceProvider Services =>
        (_app ?? throw new InvalidOperationException("The silo was not started.")).Services;

    /// <summary>How many bodies were parsed.</summary>
    public long Parsed => Interlocked.Read(ref _parsed);

    /// <summary>Starts it on a folder; does nothing where another candidate has started it.</summary>
    public async Task StartAsync(string folder)
    {
        if (_app is not null) return;
        (HttpPort, GatewayPort) = (BenchSilo.NextPort(), BenchSilo.NextPort());
        _app = GranarySilo.Build(
        [
            $"--Granary:DataPath={folder}", $"--Granary:Url=http://127.0.0.1:{HttpPort}",
            $"--Granary:SiloPort={BenchSilo.NextPort()}", $"--Granary:GatewayPort={GatewayPort}",
        ]);
        _app.MapPost("/parse/{category}/{key}", ParseAsync);
        await _app.StartAsync();
    }

    /// <summary>How many events the streams <c>category/0</c>, <c>category/1</c> and so on hold.</summary>
    public async Task<long> CountAsync(string category, int streams)
    {
        var store = Services.GetRequiredService<IEventStore>();
        var count = 0L;
        for (var at = 0; at < streams; at++)
            count += (await store.ReadHeadAsync(StreamName.Parse($"{category}/{at}"), CancellationToken.None))
                .Version.Value;
        return count;
    }

    public async ValueTask DisposeAsync()
    {
        if (_app is null) return;
        await _app.StopAsync();
        await _app.DisposeAsync();
        _app = null;
    }

    private async Task<IResult> ParseAsync(HttpContext context, string category, string key)
    {
        using var body = await JsonDocument.ParseAsync(
            context.Request.Body, cancellationToken: context.RequestAborted);
        var type = body.RootElement.GetProperty("type").GetString();
        Interlocked.Increment(ref _parsed);
        return Results.Json(new { category, key, type }, statusCode: StatusCodes.Status201Created);
    }
}
