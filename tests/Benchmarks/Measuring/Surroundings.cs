using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Data.Sqlite;

namespace Granary.Benchmarks;

/// <summary>How much is done: a full run's worth, or what a minute allows.</summary>
internal sealed record Effort(bool Quick)
{
    /// <summary>How long one contestant runs before the other takes its turn.</summary>
    public TimeSpan Turn => Quick ? TimeSpan.FromMilliseconds(250) : TimeSpan.FromSeconds(1);

    /// <summary>How long each runs before anything is measured: what is hot must have been compiled for good.</summary>
    public TimeSpan WarmUp => Quick ? TimeSpan.FromMilliseconds(500) : TimeSpan.FromSeconds(4);

    /// <summary>How often both have their turn.</summary>
    public int Turns => Quick ? 3 : 11;

    public T Of<T>(T full, T quick) => Quick ? quick : full;
}

/// <summary>A folder for the data of one run of the program; it goes with it.</summary>
internal sealed class DataFolder : IDisposable
{
    private readonly PosixSignalRegistration[] _signals;
    private int _folders;

    public DataFolder(string under)
    {
        Path = System.IO.Path.GetFullPath(System.IO.Path.Combine(
            under, Environment.ProcessId.ToString(CultureInfo.InvariantCulture)));

        // There may be gigabytes in it when somebody loses patience.
        _signals =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, _ => Clear()),
            PosixSignalRegistration.Create(PosixSignal.SIGINT, _ => Clear()),
        ];
    }

    public static string Default { get; } = System.IO.Path.Combine(AppContext.BaseDirectory, "data");

    public string Path { get; }

    /// <summary>A fresh empty folder.</summary>
    public string Next()
    {
        var folder = System.IO.Path.Combine(Path, (++_folders).ToString(CultureInfo.InvariantCulture));
        Directory.CreateDirectory(folder);
        return folder;
    }

    /// <summary>Removes what lies in it.</summary>
    public void Clear()
    {
        if (Directory.Exists(Path)) Directory.Delete(Path, recursive: true);
    }

    public void Dispose()
    {
        foreach (var signal in _signals) signal.Dispose();
        Clear();
    }
}

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

/// <summary>What the disk gives: how often a second a file can be appended to and synced, by one thread.</summary>
internal static class Syncs
{
    public static async Task<Outcome> MeasureAsync(DataFolder folder, Effort effort)
    {
        await using var loop = new FileLoopContestant();
        await loop.StartAsync(folder.Next());
        var load = new Load(1) { Duration = effort.Of(TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(0.5)) };
        await loop.RunAsync(load with { Duration = load.Duration / 4 });
        return await loop.RunAsync(load with { Latencies = true });
    }
}
