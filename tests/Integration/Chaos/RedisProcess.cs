using System.Globalization;

namespace Granary.Tests.Integration;

/// <summary>
/// A Redis of a test's own that writes to its disk before it answers, and can be killed and started again.
/// </summary>
internal sealed class RedisProcess : IAsyncDisposable
{
    // It runs until its input is closed. For each line of that the server is killed and started again.
    private const string Script = """
        data="$(mktemp -d)"
        port="$1"
        trap 'kill "$server" 2>/dev/null; wait "$server"; rm -rf "$data"' EXIT
        trap 'exit 1' INT TERM
        start() {
          redis-server --port "$port" --bind 127.0.0.1 --appendonly yes --appendfsync always --save '' --dir "$data" &
          server=$!
        }
        start
        while read -r _; do
          kill -9 "$server"
          wait "$server"
          start
        done
        """;

    private readonly FreePorts _ports = FreePorts.Reserve(1);
    private readonly SemaphoreSlim _ready = new(0);
    private readonly ChildProcess _process;

    private RedisProcess() => _process = ChildProcess.Run(
        ["sh", "-c", Script, "redis", _ports[0].ToString(CultureInfo.InvariantCulture)], Path.GetTempPath(), [],
        line => { if (line.Contains("Ready to accept connections", StringComparison.Ordinal)) _ready.Release(); });

    public int Port => _ports[0];

    public static async Task<RedisProcess> StartAsync()
    {
        var redis = new RedisProcess();
        await redis.WaitUntilReadyAsync();
        return redis;
    }

    /// <summary>kill -9, and a new start on the same data.</summary>
    public async Task CrashAsync()
    {
        await _process.WriteLineAsync("crash", TestContext.Current.CancellationToken);
        await WaitUntilReadyAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) await _process.CloseInputAsync();
        await _process.DisposeAsync();
        _ports.Dispose();
        _ready.Dispose();
    }

    private async Task WaitUntilReadyAsync() => Assert.True(
        await _ready.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken),
        $"Redis did not start:\n{_process.Output}");
}
