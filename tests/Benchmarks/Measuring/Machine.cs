using System.Runtime.InteropServices;
using Microsoft.Data.Sqlite;

namespace Granary.Benchmarks;

/// <summary>The machine that was measured on.</summary>
internal static class Machine
{
    /// <summary>What the description calls the load that was there before.</summary>
    public const string LoadName = "load before";

    public static async Task<IReadOnlyList<string[]>> DescribeAsync(
        DataFolder folder, RunSize size, bool hasPostgres)
    {
        var syncs = await MeasureSyncsAsync(folder, size);
        var times = $"(p50, p99, p99.9: {Text.Of(syncs.Latencies!)})";
        return
        [
            ["syncs per second", $"{Text.Number(syncs.CommandsPerSecond)} {times}"], .. Describe(folder.Path),
            .. hasPostgres ? [["postgresql", await Server.DescribeAsync()]] : Array.Empty<string[]>(),
        ];
    }

    private static IReadOnlyList<string[]> Describe(string folder) =>
    [
        ["processor", $"{Processor()}, {Environment.ProcessorCount} core(s)"],
        ["memory", $"{GC.GetGCMemoryInfo().TotalAvailableMemoryBytes >> 30} GiB"],
        ["system", $"{RuntimeInformation.OSDescription}, {RuntimeInformation.ProcessArchitecture}"],
        ["runtime", $"{RuntimeInformation.FrameworkDescription}, "
            + (System.Runtime.GCSettings.IsServerGC ? "server GC" : "workstation GC")],
        ["sqlite", SqliteVersion()],
        ["disk", Disk(folder)],
        [LoadName, Load()],
    ];

    private static string Processor() =>
        Lines("/proc/cpuinfo").FirstOrDefault(static line => line.StartsWith("model name", StringComparison.Ordinal))
            ?.Split(':', 2)[1].Trim() ?? "unknown processor";

    private static string Load() => Lines("/proc/loadavg").FirstOrDefault() is { } load
        ? string.Join(", ", load.Split(' ')[..3])
        : "unknown";

    private static string[] Lines(string path) => File.Exists(path) ? File.ReadAllLines(path) : [];

    private static string Disk(string folder)
    {
        var full = Path.GetFullPath(folder);
        var drive = DriveInfo.GetDrives()
            .Where(one => full.StartsWith(one.RootDirectory.FullName, StringComparison.Ordinal))
            .MaxBy(static one => one.RootDirectory.FullName.Length);
        return drive is null ? "unknown" : drive.DriveFormat;
    }

    private static string SqliteVersion()
    {
        using var connection = new SqliteConnection("Data Source=:memory:");
        connection.Open();
        return connection.ServerVersion;
    }

    // How often a second one thread can append to a file and sync it.
    private static async Task<Outcome> MeasureSyncsAsync(DataFolder folder, RunSize size)
    {
        await using var loop = new FileLoopCandidate();
        await loop.StartAsync(folder.Next());
        var load = new Load(1) { Duration = size.Of(TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(0.5)) };
        await loop.RunAsync(load with { Duration = load.Duration / 4 });
        return await loop.RunAsync(load with { Latencies = true });
    }
}
