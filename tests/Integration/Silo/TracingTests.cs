using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Text;
using Granary.Silo;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Granary.Tests.Integration;

/// <summary>Traces are made only for an exporter, which the standard <c>OTEL_*</c> variables configure.</summary>
public sealed class TracingTests : IDisposable
{
    private const string Path = "/api/streams/traced/1";

    private readonly TempFolder _data = new();

    [Fact]
    public async Task Without_an_exporter_an_event_carries_no_trace()
    {
        await using var silo = await SiloProcess.StartAsync(_data.Path);
        (await silo.Api.PostAsync(Path, Events.Numbered(1))).Is(HttpStatusCode.Created);
        var events = (await silo.Api.GetAsync(Path + "/events")).Is(HttpStatusCode.OK);
        Assert.Empty(Assert.Single(events.Json["events"]!.AsArray())!["metadata"]!.AsObject());

        // The source has no listener in a silo that is composed the same way.
        using var source = new ActivitySource("Granary");
        using var data = new TempFolder();
        using var ports = FreePorts.Reserve(3);
        await using var app = GranarySilo.Build(
        [
            $"--Granary:DataPath={data.Path}", $"--Granary:Url=http://127.0.0.1:{ports[0]}",
            $"--Granary:SiloPort={ports[1]}", $"--Granary:GatewayPort={ports[2]}",
        ]);
        await app.StartAsync(TestContext.Current.CancellationToken);
        Assert.False(source.HasListeners());
        await app.StopAsync(TestContext.Current.CancellationToken);
    }

    [Theory]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT", "")]
    [InlineData("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "/v1/traces")]
    public async Task With_an_exporter_spans_arrive_and_an_event_names_its_trace(string variable, string path)
    {
        await using var collector = await Collector.StartAsync();
        await using var silo = await SiloProcess.StartAsync(
            _data.Path,
            [
                (variable, collector.Url + path), ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
                ("OTEL_BSP_SCHEDULE_DELAY", "50"),
            ]);
        (await silo.Api.PostAsync(Path, Events.Numbered(1))).Is(HttpStatusCode.Created);
        var traces = await collector.TextAsync(
            "/v1/traces", "granary.append", "granary.commit", "Microsoft.AspNetCore");
        Assert.Contains("service.name", traces, StringComparison.Ordinal);

        var events = (await silo.Api.GetAsync(Path + "/events")).Json["events"]!.AsArray();
        Assert.NotNull(events[0]!["metadata"]!["traceParent"]);
    }

    [Fact]
    public async Task Metrics_arrive_at_the_exporter_and_stay_at_their_own_path()
    {
        await using var collector = await Collector.StartAsync();
        await using var silo = await SiloProcess.StartAsync(
            _data.Path,
            [
                ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.Url), ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
                ("OTEL_TRACES_EXPORTER", "none"), ("OTEL_METRIC_EXPORT_INTERVAL", "100"),
            ]);
        (await silo.Api.PostAsync(Path, Events.Numbered(1))).Is(HttpStatusCode.Created);
        await collector.TextAsync("/v1/metrics", "granary.append.duration");
        var scraped = await silo.Api.GetAsync("/metrics");
        Assert.Contains("granary_append_duration", scraped.Text, StringComparison.Ordinal);
        var events = (await silo.Api.GetAsync(Path + "/events")).Json["events"]!.AsArray();
        Assert.Empty(events[0]!["metadata"]!.AsObject());
    }

    public void Dispose() => _data.Dispose();

    /// <summary>Accepts what an exporter sends over HTTP. Names are plain UTF-8 in protobuf.</summary>
    private sealed class Collector(WebApplication app) : IAsyncDisposable
    {
        private readonly ConcurrentDictionary<string, string> _received = new();
        private readonly SemaphoreSlim _arrived = new(0);

        public string Url { get; private set; } = "";

        public static async Task<Collector> StartAsync()
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            builder.Logging.ClearProviders();
            var app = builder.Build();
            var collector = new Collector(app);
            app.MapPost("/v1/{signal}", collector.ReceiveAsync);
            await app.StartAsync(TestContext.Current.CancellationToken);
            collector.Url = app.Urls.Single();
            return collector;
        }

        /// <summary>All that was sent to a path, once it holds every one of the texts.</summary>
        public async Task<string> TextAsync(string path, params string[] texts)
        {
            while (true)
            {
                var received = _received.GetValueOrDefault(path, "");
                if (texts.All(text => received.Contains(text, StringComparison.Ordinal))) return received;
                Assert.True(
                    await _arrived.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken),
                    $"{path} received only: {received}");
            }
        }

        public ValueTask DisposeAsync() => app.DisposeAsync();

        private async Task ReceiveAsync(HttpContext context)
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body, context.RequestAborted);
            var text = Encoding.UTF8.GetString(body.ToArray());
            _received.AddOrUpdate(context.Request.Path, text, (_, before) => before + text);
            _arrived.Release();
        }
    }
}
