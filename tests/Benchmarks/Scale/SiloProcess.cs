using System.Diagnostics;
using System.Globalization;
using Granary.Contracts;
using Granary.Silo;
using Microsoft.Extensions.DependencyInjection;

namespace Granary.Benchmarks;

/// <summary>The load of one silo's process.</summary>
/// <param name="Load">What it calls.</param>
/// <param name="Silos">How many silos the cluster has to have before.</param>
internal sealed record SiloLoad(Load Load, int Silos);

/// <summary>What a silo's process did under its load.</summary>
/// <param name="Outcome">The result of its callers.</param>
/// <param name="Commits">How many commits it made.</param>
/// <param name="Appends">How many appends these held.</param>
/// <param name="Cpu">The processor time that it took.</param>
internal sealed record SiloOutcome(Outcome Outcome, long Commits, long Appends, TimeSpan Cpu);

/// <summary>
/// This program as the shipped silo, with a load in it: it reads one load a line, calls its own and the other silos'
/// grains, and writes what it did as a line. Its settings come from the environment, as a silo's do.
/// </summary>
internal static class SiloProcess
{
    public const string Command = "silo";

    /// <summary>The line that says that the silo runs.</summary>
    public const string Ready = "ready";

    /// <summary>What a line of an outcome begins with; the others are the silo's log.</summary>
    public const string Prefix = "outcome ";

    private const string Category = "scale";

    private static readonly TimeSpan JoinMax = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan JoinPause = TimeSpan.FromMilliseconds(100);

    public static async Task RunAsync()
    {
        var app = GranarySilo.Build([]);
        await app.StartAsync();
        using var commits = new CommitCount();
        Console.WriteLine(Ready);
        while (await Console.In.ReadLineAsync() is { } line)
        {
            var load = LoadProcess.Read<SiloLoad>(line);
            var outcome = await RunAsync(app.Services.GetRequiredService<IGrainFactory>(), load, commits);
            Console.WriteLine(Prefix + LoadProcess.Write(outcome));
        }

        await app.StopAsync();
        await app.DisposeAsync();
    }

    private static async Task<SiloOutcome> RunAsync(IGrainFactory grains, SiloLoad load, CommitCount commits)
    {
        await JoinAsync(grains, load.Silos);
        using var process = Process.GetCurrentProcess();
        var (made, held, cpu) = (commits.Commits, commits.Appends, process.TotalProcessorTime);
        var outcome = await Callers.RunAsync(load.Load, at =>
        {
            var key = (load.Load.FirstGrain + at).ToString(CultureInfo.InvariantCulture);
            var grain = grains.GetGrain<IEventStreamGrain>($"{Category}/{key}");
            return () => grain.Append(GrainCalls.NewAppend());
        });
        process.Refresh();
        return new SiloOutcome(
            outcome, commits.Commits - made, commits.Appends - held, process.TotalProcessorTime - cpu);
    }

    // Grains that are called before all silos are there would stay on those that were.
    private static async Task JoinAsync(IGrainFactory grains, int silos)
    {
        var start = Stopwatch.GetTimestamp();
        while ((await grains.GetGrain<IManagementGrain>(0).GetHosts(onlyActive: true)).Count < silos)
        {
            if (Stopwatch.GetElapsedTime(start) > JoinMax)
                throw new InvalidOperationException($"There are not {silos} silos after {JoinMax}.");
            await Task.Delay(JoinPause, TimeProvider.System);
        }
    }
}
