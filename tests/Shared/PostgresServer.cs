using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Granary.Tests;

/// <summary>
/// A PostgreSQL server for tests: the configured one, or a private one where its binaries are on the machine. A private
/// one ends with this process, whose end closes its input.
/// </summary>
internal sealed class PostgresServer : IDisposable
{
    /// <summary>A connection string to a database of a server that tests may use.</summary>
    private const string Variable = "GRANARY_TEST_POSTGRES";

    // Its arguments are the folder of the binaries and the port. It runs until its input is closed; for each line of
    // that the server crashes and is started again. It is no file: the server's user may not be able to read ours.
    private const string Script = """
        set -eu
        cd /
        PATH="$1:$PATH"
        port="$2"
        data="$(mktemp -d)"
        trap 'pg_ctl -D "$data/db" -m immediate stop >/dev/null 2>&1 || true; rm -rf "$data"' EXIT
        trap 'exit 1' INT TERM
        start() {
          options="-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c max_connections=300"
          pg_ctl -D "$data/db" -w -l "$data/log" -o "$options" start >/dev/null || { cat "$data/log" >&2; exit 1; }
          echo ready
        }
        initdb -D "$data/db" -U postgres -A trust -E UTF8 --locale=C >/dev/null
        start
        while read -r _; do
          pg_ctl -D "$data/db" -m immediate stop >/dev/null
          start
        done
        """;

    private static readonly Lazy<string?> Configured = new(static () =>
        Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } configured ? configured : null);

    private static readonly Lazy<PostgresServer> Shared = new(static () => new PostgresServer());

    private readonly Process _process;
    private readonly int _port = FreePort();

    /// <summary>Starts a private server.</summary>
    /// <exception cref="InvalidOperationException">It did not start.</exception>
    public PostgresServer()
    {
        var (program, arguments) = Command(FindBinaries() ?? throw new InvalidOperationException(Missing), _port);
        var info = new ProcessStartInfo(program) { RedirectStandardInput = true, RedirectStandardOutput = true };
        foreach (var argument in arguments) info.ArgumentList.Add(argument);
        _process = Process.Start(info)!;
        WaitUntilReady();
    }

    /// <summary>Why there is no server; null where there is one.</summary>
    /// <exception cref="InvalidOperationException">There is none where every test has to run.</exception>
    public static string? SkipReason =>
        Configured.Value is not null || FindBinaries() is not null ? null
        : Environment.GetEnvironmentVariable("CI") is "true" ? throw new InvalidOperationException(Missing)
        : Missing;

    /// <summary>A connection string to a database of the server that all tests of this process share.</summary>
    public static string ConnectionString => Configured.Value ?? Shared.Value.PrivateConnectionString;

    /// <summary>A connection string to a database of this private server.</summary>
    public string PrivateConnectionString => $"Host=127.0.0.1;Port={_port};Database=postgres;Username=postgres";

    private const string Missing =
        $"There is no PostgreSQL: set {Variable} to a connection string, or install initdb and pg_ctl.";

    /// <summary>The server ends at once, as after a power cut, and is started again.</summary>
    public void Crash()
    {
        _process.StandardInput.WriteLine("crash");
        WaitUntilReady();
    }

    /// <summary>Ends the server and removes its data.</summary>
    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
    }

    private void WaitUntilReady()
    {
        while (_process.StandardOutput.ReadLine() is { } line)
        {
            if (line == "ready") return;
        }

        throw new InvalidOperationException("PostgreSQL did not start: see the error output.");
    }

    // The server must not run as root.
    private static (string Program, string[] Arguments) Command(string binaries, int port)
    {
        string[] shell = ["sh", "-c", Script, "postgres-server", binaries, port.ToString(CultureInfo.InvariantCulture)];
        return Environment.IsPrivilegedProcess
            ? ("runuser", ["-u", "postgres", "--", .. shell])
            : (shell[0], shell[1..]);
    }

    private static string? FindBinaries()
    {
        if (!OperatingSystem.IsLinux() && !OperatingSystem.IsMacOS()) return null;
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').ToList();
        const string debian = "/usr/lib/postgresql";
        if (Directory.Exists(debian))
        {
            folders.AddRange(Directory.GetDirectories(debian)
                .OrderByDescending(static folder => int.TryParse(Path.GetFileName(folder), out var at) ? at : 0)
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
