using System.Globalization;
using System.Runtime.InteropServices;

namespace Granary.Benchmarks;

/// <summary>The processor time of all processes of the server, as Linux counts it.</summary>
internal sealed class ServerCpu
{
    // Fields of /proc/<pid>/stat after the name, which is in brackets and may contain anything.
    private const int Parent = 1;
    private const int UserTime = 11;
    private const int SystemTime = 12;
    private const int UserTimeOfEnded = 13;
    private const int SystemTimeOfEnded = 14;

    // Of the kernel's interface, on every architecture that it runs .NET on.
    private const double TicksPerSecond = 100;

    private readonly int _main;

    private ServerCpu(int main) => _main = main;

    /// <summary>Finds the server's main process, which all others are started by.</summary>
    /// <exception cref="InvalidOperationException">It is no process of this machine.</exception>
    public static async Task<ServerCpu> FindAsync()
    {
        var process = await Server.ReadAsync<int>("SELECT pg_backend_pid()");
        if (!RuntimeInformation.IsOSPlatform(OSPlatform.Linux) || Read(process) is not { } fields)
            throw new InvalidOperationException("The server of PostgreSQL does not run on this machine, or not on "
                + "Linux: its processor time cannot be read.");
        return new ServerCpu(int.Parse(fields[Parent], CultureInfo.InvariantCulture));
    }

    /// <summary>What it has used since its start.</summary>
    public TimeSpan Total()
    {
        var ticks = 0L;
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), out var process) || Read(process) is not { } fields) continue;
            if (process == _main) ticks += Sum(fields, UserTime, SystemTime, UserTimeOfEnded, SystemTimeOfEnded);
            else if (Number(fields, Parent) == _main) ticks += Sum(fields, UserTime, SystemTime);
        }

        return TimeSpan.FromSeconds(ticks / TicksPerSecond);
    }

    // Null where the process has ended meanwhile.
    private static string[]? Read(int process)
    {
        try
        {
            var line = File.ReadAllText($"/proc/{process}/stat");
            return line[(line.LastIndexOf(')') + 2)..].Split(' ');
        }
        catch (IOException)
        {
            return null;
        }
        catch (UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static long Sum(string[] fields, params int[] at) => at.Sum(one => Number(fields, one));

    private static long Number(string[] fields, int at) => long.Parse(fields[at], CultureInfo.InvariantCulture);
}
