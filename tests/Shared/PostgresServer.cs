using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;

namespace Granary.Tests;

/// <summary>
/// The PostgreSQL server of a test run: the configured one, or a private one that ends with the process, where its
/// binaries are on the machine.
/// </summary>
internal static class PostgresServer
{
    /// <summary>A connection string to a database of a server that tests may use.</summary>
    private const string Variable = "GRANARY_TEST_POSTGRES";

    private static readonly Lazy<string?> Started = new(Start);

    // Its input is closed when this process ends, and then it ends too; not before, so it is kept.
    private static Process? _server;

    /// <summary>Why there is no server; null where there is one.</summary>
    /// <exception cref="InvalidOperationException">There is none where every test has to run.</exception>
    public static string? SkipReason
    {
        get
        {
            if (Started.Value is not null) return null;
            const string reason =
                $"There is no PostgreSQL: set {Variable} to a connection string, or install initdb and pg_ctl.";
            return Environment.GetEnvironmentVariable("CI") is "true"
                ? throw new InvalidOperationException(reason)
                : reason;
        }
    }

    /// <summary>A connection string to a database of the server.</summary>
    public static string ConnectionString => Started.Value ?? throw new InvalidOperationException(SkipReason);

    private static string? Start()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } configured) return configured;
        if (!OperatingSystem.IsLinux() && !OperatingSystem.IsMacOS()) return null;
        if (FindBinaries() is not { } binaries) return null;
        var port = FreePort();
        var (program, arguments) = Command(binaries, port);
        var info = new ProcessStartInfo(program) { RedirectStandardInput = true, RedirectStandardOutput = true };
        foreach (var argument in arguments) info.ArgumentList.Add(argument);

        _server = Process.Start(info)!;
        while (_server.StandardOutput.ReadLine() is { } line)
        {
            if (line == "ready") return $"Host=127.0.0.1;Port={port};Database=postgres;Username=postgres";
        }

        throw new InvalidOperationException("PostgreSQL did not start: see the error output.");
    }

    // The server must not run as root.
    private static (string Program, string[] Arguments) Command(string binaries, int port)
    {
        string[] shell = ["sh", ScriptPath(), binaries, port.ToString(System.Globalization.CultureInfo.InvariantCulture)];
        return Environment.IsPrivilegedProcess
            ? ("runuser", ["-u", "postgres", "--", .. shell])
            : (shell[0], shell[1..]);
    }

    private static string ScriptPath([CallerFilePath] string file = "") =>
        Path.Combine(Path.GetDirectoryName(file)!, "postgres-server.sh");

    private static string? FindBinaries()
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').ToList();
        const string debian = "/usr/lib/postgresql";
        if (Directory.Exists(debian))
        {
            folders.AddRange(Directory.GetDirectories(debian)
                .OrderByDescending(static folder => int.TryParse(Path.GetFileName(folder), out var version) ? version : 0)
                .Select(static folder => Path.Combine(folder, "bin")));
        }

        return folders.Find(static folder => File.Exists(Path.Combine(folder, "initdb"))
            && File.Exists(Path.Combine(folder, "pg_ctl")));
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
