using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace Granary.Tests;

/// <summary>
/// A PgBouncer of a test's own in front of the server of the test run, where its binary is on the machine. Where
/// clients can share connections to the server it has few of them. It ends with this process, whose end closes its
/// input.
/// </summary>
internal sealed class PgBouncer : IDisposable
{
    private const string Binary = "pgbouncer";
    private const string Missing = $"There is no pooler: install {Binary}.";

    // Its arguments are the binary, the port, the mode, the server, the line of the only user, and how many connections
    // to the server there are at most.
    private const string Script = """
        set -eu
        cd /
        data="$(mktemp -d)"
        trap 'kill "$pooler" 2>/dev/null || true; rm -rf "$data"' EXIT
        trap 'exit 1' INT TERM
        printf '%s\n' "$5" >"$data/users"
        cat >"$data/ini" <<END
        [databases]
        * = $4
        [pgbouncer]
        listen_addr = 127.0.0.1
        listen_port = $2
        unix_socket_dir =
        pool_mode = $3
        auth_type = trust
        auth_file = $data/users
        max_client_conn = 500
        default_pool_size = $6
        END
        "$1" "$data/ini" 2>&1 &
        pooler=$!
        cat >/dev/null
        """;

    private readonly Process _process;

    /// <summary>Starts one.</summary>
    /// <param name="mode">As PgBouncer calls it: <c>transaction</c> or <c>session</c>.</param>
    /// <exception cref="InvalidOperationException">It did not start.</exception>
    public PgBouncer(string mode)
    {
        var binary = FindBinary() ?? throw new InvalidOperationException(Missing);
        var server = new NpgsqlConnectionStringBuilder(PostgresServer.ConnectionString);
        var port = FreePort();
        string[] shell =
        [
            "sh", "-c", Script, "pooler", binary, port.ToString(CultureInfo.InvariantCulture), mode,
            $"host={server.Host} port={server.Port}", $"\"{server.Username}\" \"{server.Password}\"",
            mode == "transaction" ? "6" : "40",
        ];

        // It must not run as root either.
        var command = Environment.IsPrivilegedProcess ? ["runuser", "-u", "postgres", "--", .. shell] : shell;
        _process = Process.Start(new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        (server.Host, server.Port) = ("127.0.0.1", port);
        ConnectionString = server.ConnectionString;
        WaitUntilReady();
    }

    /// <summary>Why there is none; null where there is one, and a server behind it.</summary>
    /// <exception cref="InvalidOperationException">There is none where every test has to run.</exception>
    public static string? SkipReason =>
        PostgresServer.SkipReason is { } reason ? reason
        : FindBinary() is not null ? null
        : Environment.GetEnvironmentVariable("CI") is "true" ? throw new InvalidOperationException(Missing)
        : Missing;

    /// <summary>A connection string to the database of the test run, through the pooler.</summary>
    public string ConnectionString { get; }

    /// <inheritdoc />
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
            if (!line.Contains("process up", StringComparison.Ordinal)) continue;

            // What it writes later is read, so that it never waits for that.
            _ = _process.StandardOutput.BaseStream.CopyToAsync(Stream.Null);
            return;
        }

        throw new InvalidOperationException("PgBouncer did not start.");
    }

    private static string? FindBinary()
    {
        if (!OperatingSystem.IsLinux() && !OperatingSystem.IsMacOS()) return null;
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Append("/usr/sbin");
        return folders.Select(static folder => Path.Combine(folder, Binary)).FirstOrDefault(File.Exists);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
