using Azure;
using Granary.Runtime;
using Granary.Silo;
using Granary.Storage.AzureStorage;
using Microsoft.Extensions.DependencyInjection;

namespace Granary.Tests.Integration;

/// <summary>What a silo exposes at <c>/metrics</c> when each of its counters has counted.</summary>
public sealed class ExposedMetrics : IAsyncLifetime
{
    /// <summary>The series, each with its labels.</summary>
    internal ILookup<string, string> Series { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        var token = TestContext.Current.CancellationToken;
        using var data = new TempFolder();
        using var ports = FreePorts.Reserve(3);
        var url = $"http://127.0.0.1:{ports[0]}";
        await using var app = GranarySilo.Build(
        [
            $"--Granary:DataPath={data.Path}", $"--Granary:Url={url}", $"--Granary:SiloPort={ports[1]}",
            $"--Granary:GatewayPort={ports[2]}", "--Logging:LogLevel:Granary=Warning",
        ]);
        await app.StartAsync(token);
        using var api = new Api(new Uri(url));
        await api.PostAsync("/api/streams/orders/1", Events.Numbered(1));

        // A counter is exposed from when it first counts.
        var metrics = app.Services.GetRequiredService<GranaryMetrics>();
        metrics.Failed();
        metrics.Retried();
        metrics.SnapshotLooked(hit: true);
        metrics.SnapshotLooked(hit: false);
        var lost = new Append(
            new("orders", "1"), ExpectedVersion.Any, AppendId.New(TimeProvider.System),
            [new NewEvent(TimeProvider.System, "placed", "{}"u8.ToArray())]);
        using var azure = new AzureMetrics();
        azure.OnRetry(new RequestFailedException(503, "Busy."));
        azure.OnContended();
        metrics.Answered(lost, AppendOutcome.Conflict, TimeSpan.FromMilliseconds(1));

        // Readers are reported when they have been woken first.
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(token);
        patience.CancelAfter(TimeSpan.FromMinutes(1));
        do
        {
            patience.Token.ThrowIfCancellationRequested();
            Series = MetricNames.Exposed((await api.GetAsync("/metrics")).Text);
        }
        while (!Series.Contains("granary_reader_lag"));
        await app.StopAsync(token);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
