using System.Diagnostics;
using System.Globalization;

namespace Granary.Benchmarks;

/// <summary>
/// A load on the shipped silo that comes from another process: this program, started once more. What is counted as
/// allocated is what the silo's process allocates.
/// </summary>
/// <param name="silo">The silo.</param>
/// <param name="kind">What is sent; also the category of the streams that are appended to.</param>
internal sealed class RemoteLoad(ShippedSilo silo, LoadKind kind) : ICandidate
{
    private Process? _process;
    private int _callers;

    public async Task StartAsync(string folder)
    {
        await silo.StartAsync(folder);
        var start = SelfProcess.Info(
            LoadProcess.Command, kind.ToString(), Port.ToString(CultureInfo.InvariantCulture));
        if (kind != LoadKind.Client)
        {
            // Whatever the load spends is missing on the other side of the sockets: it runs where they are polled.
            start.Environment["DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS"] = "1";
            start.Environment["DOTNET_SYSTEM_NET_SOCKETS_THREAD_COUNT"] = "1";
        }

        _process = Process.Start(start);
    }

    public async Task<Outcome> RunAsync(Load load)
    {
        _callers = Math.Max(_callers, load.Callers);
        var allocated = GC.GetTotalAllocatedBytes(precise: true);
        await _process!.StandardInput.WriteLineAsync(LoadProcess.Write(load));
        var outcome = await _process.StandardOutput.ReadLineAsync();
        allocated = GC.GetTotalAllocatedBytes(precise: true) - allocated;
        return outcome is null
            ? throw new IOException("The process of the load ended; its error is printed above.")
            : LoadProcess.Read<Outcome>(outcome) with { Allocated = allocated };
    }

    public Task<long> CountAsync() => kind switch
    {
        LoadKind.Parse => Task.FromResult(silo.Parsed),
        _ => silo.CountAsync(kind.ToString(), _callers),
    };

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            // It ends when there is nothing more to read.
            _process.StandardInput.Close();
            await _process.WaitForExitAsync();
            _process.Dispose();
        }

        await silo.DisposeAsync();
    }

    private int Port => kind == LoadKind.Client ? silo.GatewayPort : silo.HttpPort;
}
