using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Granary.Tests;

/// <summary>
/// The Redis server of a test run: the configured one, or a private one with a password that ends with the process,
/// where its binary is on the machine.
/// </summary>
internal static class RedisServer
{
    /// <summary>The password of a private server.</summary>
    public const string Password = "not-to-be-printed";

    /// <summary>A connection string of a server that tests may use.</summary>
    private const string Variable = "GRANARY_TEST_REDIS";

    private const string Binary = "redis-server";

    // The server ends when the input of its shell is closed, which the end of this process does, however it ends.
    private const string Script = """
        data="$(mktemp -d)"
        trap 'kill "$server" 2>/dev/null || true; rm -rf "$data"' EXIT
        trap 'exit 1' INT TERM
        redis-server --port "$1" --bind 127.0.0.1 --requirepass "$2" --save '' --dir "$data" &
        server=$!
        cat >/dev/null
        """;

    private static readonly Lazy<string?> Started = new(Start);

    private static Process? _server;

    /// <summary>Why there is no server; null where there is one.</summary>
    /// <exception cref="InvalidOperationException">There is none where every test has to run.</exception>
    public static string? SkipReason
    {
        get
        {
            if (Started.Value is not null) return null;
            const string reason =
                $"There is no Redis: set {Variable} to a connection string, or install {Binary}.";
            return Environment.GetEnvironmentVariable("CI") is "true"
                ? throw new InvalidOperationException(reason)
                : reason;
        }
    }

    /// <summary>Whether the server is a private one.</summary>
    public static bool IsPrivate => ConnectionString.Contains(Password, StringComparison.Ordinal);

    /// <summary>A connection string of the server.</summary>
    public static string ConnectionString => Started.Value ?? throw new InvalidOperationException(SkipReason);

    private static string? Start()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } configured) return configured;
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        if (!Array.Exists(folders, static folder => File.Exists(Path.Combine(folder, Binary)))) return null;
        var port = FreePort().ToString(System.Globalization.CultureInfo.InvariantCulture);
        _server = Process.Start(new ProcessStartInfo("sh", ["-c", Script, "sh", port, Password])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        while (_server.StandardOutput.ReadLine() is { } line)
        {
            if (line.Contains("Ready to accept connections", StringComparison.Ordinal))
                return $"127.0.0.1:{port},password={Password}";
        }

        throw new InvalidOperationException("Redis did not start: see the error output.");
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
