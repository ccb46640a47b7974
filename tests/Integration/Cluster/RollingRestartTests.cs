using System.Collections.Concurrent;
using System.Net;

namespace Granary.Tests.Integration;

/// <summary>Silos, as processes of their own, that are restarted one after the other under a load.</summary>
public sealed class RollingRestartTests : IDisposable
{
    private const int Silos = 3;
    private const int Writers = 8;
    private const int StreamsOfWriter = 25;

    private readonly TempFolder _data = new();
    private readonly TempFolder _empty = new();
    private readonly string _id = $"test-{Uuid7.New(TimeProvider.System):n}";
    private string? _postgres;

    // On PostgreSQL the silos commit for each other, and the one that stops as well.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task No_request_fails_at_the_gateway_while_each_silo_is_restarted(bool onPostgres)
    {
        Assert.SkipWhen(RedisServer.SkipReason is not null, RedisServer.SkipReason ?? "");
        await using var database = onPostgres ? await PostgresDatabase.CreateAsync() : null;
        _postgres = database?.ConnectionString;
        var silos = new Queue<SiloProcess>();
        try
        {
            for (var count = 0; count < Silos; count++) silos.Enqueue(await SiloProcess.StartAsync(Launch("silo")));
            await using var gateway = await SiloProcess.StartAsync(Launch("gateway"));
            using var stop = new CancellationTokenSource();
            var failures = new ConcurrentQueue<string>();
            var load = Enumerable.Range(0, Writers)
                .Select(writer => WriteAsync(gateway, writer, failures, stop.Token)).ToArray();

            for (var count = 0; count < Silos; count++)
            {
                await using var stopped = silos.Dequeue();
                await stopped.StopAsync();
                Assert.True(stopped.ExitCode == 0, stopped.Output);
                silos.Enqueue(await SiloProcess.StartAsync(Launch("silo")));
                (await silos.Peek().Api.GetAsync($"/members/{Silos}")).Is(HttpStatusCode.OK);
            }

            await stop.CancelAsync();
            var appended = (await Task.WhenAll(load)).Sum();
            Assert.True(
                failures.IsEmpty,
                $"{failures.Count} of {appended}:\n{string.Join('\n', failures)}\n{gateway.Output}");
            Assert.True(appended > Writers * StreamsOfWriter, $"{appended} appends are no load.");
        }
        finally
        {
            foreach (var silo in silos) await silo.DisposeAsync();
        }
    }

    public void Dispose()
    {
        _data.Dispose();
        _empty.Dispose();
    }

    // Each request is sent once, as by a caller that repeats none. With its key the gateway may send an append again.
    private static async Task<int> WriteAsync(
        SiloProcess gateway, int writer, ConcurrentQueue<string> failures, CancellationToken stop)
    {
        var appended = 0;
        while (!stop.IsCancellationRequested)
        {
            var path = $"/api/streams/rolling/{writer}-{appended++ % StreamsOfWriter}";
            foreach (var answer in new[]
                     {
                         await gateway.Api.PostAsync(
                             path, Events.Numbered(1), ("Idempotency-Key", $"{writer}-{appended}")),
                         await gateway.Api.GetAsync(path + "/state"),
                     })
            {
                if (answer.Status is not (HttpStatusCode.Created or HttpStatusCode.OK)) failures.Enqueue($"{answer}");
            }
        }

        return appended;
    }

    private SiloProcess Launch(string role)
    {
        (string, string)[] environment =
        [
            ("Granary__Cluster", "redis"), ("Granary__ClusterConnectionString", RedisServer.ConnectionString),
        ];
        string[] arguments =
        [
            $"--Granary:ClusterId={_id}", $"--Granary:ServiceId={_id}", $"--Granary:Role={role}",
        ];
        (string, string)[] store = _postgres is null ? []
            : [("Granary__Store", "postgres"), ("Granary__Postgres__ConnectionString", _postgres)];
        return role == "silo"
            ? SiloProcess.Launch(ProbeSilo.Command, _data.Path, [.. environment, .. store], arguments)
            : SiloProcess.Launch(_empty.Path, environment, arguments);
    }
}
