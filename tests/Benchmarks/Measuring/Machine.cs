using System.Runtime.InteropServices;
using Microsoft.Data.Sqlite;

namespace Granary.Benchmarks;

/// <summary>What the figures were found on.</summary>
internal static class Machine
{
    public static IReadOnlyList<string[]> Describe(string folder) =>
    [
        ["processor", $"{Processor()}, {Environment.ProcessorCount} core(s)"],
        ["memory", $"{GC.GetGCMemoryInfo().TotalAvailableMemoryBytes >> 30} GiB"],
        ["system", $"{RuntimeInformation.OSDescription}, {RuntimeInformation.ProcessArchitecture}"],
        ["runtime", $"{RuntimeInformation.FrameworkDescription}, "
            + (System.Runtime.GCSettings.IsServerGC ? "server GC" : "workstation GC")],
        ["sqlite", SqliteVersion()],
        ["disk", Disk(folder)],
        ["load before", Load()],
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
}
