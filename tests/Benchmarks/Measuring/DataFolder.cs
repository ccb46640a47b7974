using System.Globalization;
using System.Runtime.InteropServices;

namespace Granary.Benchmarks;

/// <summary>A folder for the data of one run of the program, which removes it.</summary>
internal sealed class DataFolder : IDisposable
{
    private readonly PosixSignalRegistration[] _signals;
    private int _folders;

    public DataFolder(string under)
    {
        Path = System.IO.Path.GetFullPath(System.IO.Path.Combine(
            under, Environment.ProcessId.ToString(CultureInfo.InvariantCulture)));

        // There may be gigabytes in it when the program is interrupted.
        _signals =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, _ => Interrupt()),
            PosixSignalRegistration.Create(PosixSignal.SIGINT, _ => Interrupt()),
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

    /// <summary>Removes its content.</summary>
    public void Clear()
    {
        if (Directory.Exists(Path)) Directory.Delete(Path, recursive: true);
    }

    public void Dispose()
    {
        foreach (var signal in _signals) signal.Dispose();
        Clear();
    }

    // Ends the program too: the shipped silo takes the same signals, stops itself and leaves the process running.
    private void Interrupt()
    {
        Clear();
        Environment.Exit(1);
    }
}
