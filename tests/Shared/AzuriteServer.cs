using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Granary.Tests;

/// <summary>
/// The storage account of a test run: the configured one, or a private emulator in memory that ends with the process,
/// where Azurite is on the machine. It is no part of the builds that must have every server.
/// </summary>
internal static class AzuriteServer
{
    /// <summary>A connection string of an account, or of an emulator of one, that tests may use.</summary>
    private const string Variable = "GRANARY_TEST_AZURITE";

    private const string Program = "azurite";

    // The account of every emulator, which its documentation names.
    private const string Account =
        "AccountName=devstoreaccount1;AccountKey="
        + "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

    // The server ends when the input of its shell is closed, which the end of this process does, however it ends: at
    // once, since nobody reads its last words, and what it has is in memory. Where it does not start, the output of the
    // shell ends.
    private const string Script = """
        trap 'kill -9 "$server" 2>/dev/null || true' EXIT
        trap 'exit 1' INT TERM
        azurite --inMemoryPersistence --disableTelemetry --skipApiVersionCheck --tableHost 127.0.0.1 --tablePort "$1" \
          --blobHost 127.0.0.1 --blobPort "$2" --queueHost 127.0.0.1 --queuePort "$3" &
        server=$!
        exec 3<&0
        (cat <&3; kill -9 "$server") >/dev/null 2>&1 &
        wait "$server" 2>/dev/null
        """;

    private static readonly Lazy<string?> Started = new(Start);

    private static Process? _server;

    /// <summary>Why there is none; null where there is one.</summary>
    public static string? SkipReason => Started.Value is null
        ? $"There is no Azure Storage: set {Variable} to a connection string, or install Azurite ({Program})."
        : null;

    /// <summary>A connection string of the account.</summary>
    public static string ConnectionString => Started.Value ?? throw new InvalidOperationException(SkipReason);

    private static string? Start()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } configured) return configured;
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        if (!Array.Exists(folders, static folder => File.Exists(Path.Combine(folder, Program)))) return null;
        var (table, blob, queue) = (FreePort(), FreePort(), FreePort());
        _server = Process.Start(new ProcessStartInfo("sh", ["-c", Script, "sh", $"{table}", $"{blob}", $"{queue}"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        while (_server.StandardOutput.ReadLine() is { } line)
        {
            // The services of blobs and queues are started before that of tables.
            if (!line.Contains("Table service is successfully listening", StringComparison.OrdinalIgnoreCase)) continue;
            _ = _server.StandardOutput.BaseStream.CopyToAsync(Stream.Null);
            return $"DefaultEndpointsProtocol=http;{Account};TableEndpoint=http://127.0.0.1:{table}/devstoreaccount1;"
                + $"BlobEndpoint=http://127.0.0.1:{blob}/devstoreaccount1";
        }

        throw new InvalidOperationException("Azurite did not start: see the error output.");
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
