using System.Diagnostics;

namespace Granary.Benchmarks;

/// <summary>
/// What a command costs the server and what it costs its caller's process, for each candidate on PostgreSQL: where the
/// two have machines of their own, the one that is used up first is the limit.
/// </summary>
internal static class PeerCosts
{
    private const int Callers = 1_000;

    private static readonly string[] Head =
    [
        "candidate", "commands/s", "server CPU a command", "its own CPU", "log written", "transactions that write",
    ];

    /// <summary>Measures all, and writes a table in Markdown.</summary>
    public static async Task<string> RunAsync(DataFolder folder, RunSize size)
    {
        var cpu = await ServerCpu.FindAsync();
        var rows = new List<string[]>();
        foreach (var kind in Candidates.All.Where(static one => one.IsOnPostgres))
        {
            await using var candidate = Candidates.Make(kind.Name);
            await candidate.Inner.StartAsync(folder.Next());
            var load = new Load(Callers);
            await candidate.WarmUpAsync(load, size);
            rows.Add([kind.What, .. await MeasureAsync(candidate, load with { Duration = 4 * size.Turn }, cpu)]);
            await candidate.CheckAsync();
        }

        return Text.Table([Head, .. rows]);
    }

    private static async Task<string[]> MeasureAsync(Counted candidate, Load load, ServerCpu cpu)
    {
        GC.Collect();
        using var process = Process.GetCurrentProcess();
        var (own, used) = (process.TotalProcessorTime, cpu.Total());
        var (wal, writes) = (await Server.WalBytesAsync(), await Server.WritesAsync());
        var outcome = await candidate.RunAsync(load);
        process.Refresh();
        var commands = (double)outcome.Commands;
        return
        [
            Text.Number(outcome.CommandsPerSecond),
            $"{Text.Number((cpu.Total() - used).TotalMicroseconds / commands)} µs",
            $"{Text.Number((process.TotalProcessorTime - own).TotalMicroseconds / commands)} µs",
            $"{Text.Number((await Server.WalBytesAsync() - wal) / commands)} bytes",
            Text.Number((await Server.WritesAsync() - writes) / commands),
        ];
    }
}
