using System.Net;
using System.Net.Sockets;
using System.Text;
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

    public async Task<Result> RunAsync(DataFolder folder, RunSize size)
    {
        await using var app = await StartAsync(folder.Next());
        var address = new IPEndPoint(IPAddress.Loopback, new Uri(app.Urls.First()).Port);
        await using var appends = await HttpCallers.ConnectAsync(
            address, Connections, static at => $"/api/streams/bench/{at}", Body);
        await using var parses = await HttpCallers.ConnectAsync(
            address, Connections, static at => $"/parse/bench/{at}", Body);

        Task<double> Append(TimeSpan turn) => RateAsync(appends, turn, _appended);
        Task<double> Parse(TimeSpan turn) => RateAsync(parses, turn, new int[Connections]);
        await Append(size.WarmUp);
        await Parse(size.WarmUp);
        var pairs = await Pairs.MeasureAsync(size.Turns, () => Append(size.Turn), () => Parse(size.Turn));
        await CheckAsync(app.Services.GetRequiredService<IEventStore>());
        await app.StopAsync();
        return Result.Of(pairs, "requests/s");
    }

    private static async Task<WebApplication> StartAsync(string folder)
    {
        // As the silo does: a watcher of changed options would be notified of every write to the data.
        var builder = WebApplication.CreateSlimBuilder(["--hostBuilder:reloadConfigOnChange=false"]);
        BenchSilo.LogErrorsOnly(builder.Logging);
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

/// <summary>
/// Connections that post the same bytes again and again and read each answer to its end. The client does as little as
/// possible, because it shares the machine with what it measures.
/// </summary>
internal sealed class HttpCallers : IAsyncDisposable
{
    private readonly List<Connection> _connections = [];

    public static async Task<HttpCallers> ConnectAsync(
        IPEndPoint address, int connections, Func<int, string> path, byte[] body)
    {
        var callers = new HttpCallers();
        for (var at = 0; at < connections; at++)
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync(address);
            var head = $"POST {path(at)} HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\n"
                + $"Content-Length: {body.Length}\r\n\r\n";
            callers._connections.Add(new Connection(socket, [.. Encoding.ASCII.GetBytes(head), .. body]));
        }

        return callers;
    }

    public Task PostAsync(int at) => _connections[at].PostAsync();

    public ValueTask DisposeAsync()
    {
        foreach (var connection in _connections) connection.Dispose();
        return ValueTask.CompletedTask;
    }

    private sealed class Connection(Socket socket, byte[] request) : IDisposable
    {
        private readonly byte[] _buffer = new byte[16 * 1024];

        public async Task PostAsync()
        {
            await socket.SendAsync(request);
            var length = 0;
            while (!IsWhole(_buffer.AsSpan(0, length)))
            {
                var read = await socket.ReceiveAsync(_buffer.AsMemory(length));
                if (read == 0) throw new IOException("The server closed the connection.");
                length += read;
            }

            if (!_buffer.AsSpan().StartsWith("HTTP/1.1 201"u8))
                throw new IOException($"The answer was not 201: {Encoding.UTF8.GetString(_buffer, 0, length)}");
        }

        public void Dispose() => socket.Dispose();

        // The end is known by the length, or by the last chunk where the answer is chunked.
        private static bool IsWhole(ReadOnlySpan<byte> answer)
        {
            var end = answer.IndexOf("\r\n\r\n"u8);
            if (end < 0) return false;
            var at = answer[..end].IndexOf("Content-Length: "u8);
            if (at < 0) return answer.EndsWith("\r\n0\r\n\r\n"u8);
            var digits = answer[(at + "Content-Length: ".Length)..end];
            var stop = digits.IndexOf((byte)'\r');
            var length = int.Parse(stop < 0 ? digits : digits[..stop]);
            return answer.Length >= end + 4 + length;
        }
    }
}
