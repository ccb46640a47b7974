using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Granary.Benchmarks;

/// <summary>
/// The gateway on loopback, and beside it, in the same server, an endpoint that parses the body and answers. The same
/// client calls both.
/// </summary>
internal sealed class HttpScenario : IScenario
{
    private const int Connections = 64;

    private static readonly byte[] Body =
        [.. """{"type":"noted","data":"""u8, .. Noted.Json, .. "}"u8];

    private readonly int[] _appended = new int[Connections];

    public Measure Measure => Measures.HttpVsParse;

    public async Task<Finding> RunAsync(DataFolder folder, Effort effort)
    {
        await using var app = await StartAsync(folder.Next());
        var address = new IPEndPoint(IPAddress.Loopback, new Uri(app.Urls.First()).Port);
        await using var appends = await HttpCallers.ConnectAsync(
            address, Connections, static at => $"/api/streams/bench/{at}", Body);
        await using var parses = await HttpCallers.ConnectAsync(
            address, Connections, static at => $"/parse/bench/{at}", Body);

        Task<double> Append(TimeSpan turn) => RateAsync(appends, turn, _appended);
        Task<double> Parse(TimeSpan turn) => RateAsync(parses, turn, new int[Connections]);
        await Append(effort.WarmUp);
        await Parse(effort.WarmUp);
        var pairs = await Pairs.MeasureAsync(effort.Turns, () => Append(effort.Turn), () => Parse(effort.Turn));
        await CheckAsync(app.Services.GetRequiredService<IEventStore>());
        await app.StopAsync();
        return Finding.Of(Measure, pairs, "requests/s");
    }

    private static async Task<WebApplication> StartAsync(string folder)
    {
        // As the silo does: to watch for changed options is to hear of every write to the data.
        var builder = WebApplication.CreateSlimBuilder(["--hostBuilder:reloadConfigOnChange=false"]);
        BenchSilo.Quieten(builder.Logging);
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Host.UseOrleans((_, silo) => BenchSilo.Configure(silo, one => one.AddGranary()
            .UseSqlite(options => options.Path = Path.Combine(folder, "granary.db")).AddGranaryGrains()));
        builder.Services.AddGranaryGateway();
        var app = builder.Build();
        app.MapGranary();
        app.MapPost("/parse/{category}/{key}", ParseAsync);
        await app.StartAsync();
        return app;
    }

    private static async Task<IResult> ParseAsync(HttpContext context, string category, string key)
    {
        using var body = await JsonDocument.ParseAsync(
            context.Request.Body, cancellationToken: context.RequestAborted);
        var type = body.RootElement.GetProperty("type").GetString();
        return Results.Json(new { category, key, type }, statusCode: StatusCodes.Status201Created);
    }

    private static async Task<double> RateAsync(HttpCallers callers, TimeSpan turn, int[] counts)
    {
        var outcome = await Callers.RunAsync(
            new Load(Connections) { Duration = turn },
            at => async () =>
            {
                await callers.PostAsync(at);
                counts[at]++;
            });
        return outcome.CommandsPerSecond;
    }

    private async Task CheckAsync(IEventStore store)
    {
        for (var at = 0; at < Connections; at++)
        {
            var head = await store.ReadHeadAsync(StreamName.Parse($"bench/{at}"), CancellationToken.None);
            if (head.Version.Value != _appended[at])
                throw new InvalidDataException($"{_appended[at]} appends were answered, {head.Version} are stored.");
        }
    }
}
