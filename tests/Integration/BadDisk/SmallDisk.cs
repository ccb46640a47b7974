using System.Diagnostics;

namespace Granary.Tests.Integration;

/// <summary>A tmpfs of a size, which may grow later. Mounting takes rights that not everybody has.</summary>
internal sealed class SmallDisk : IDisposable
{
    private readonly TempFolder _folder = new();

    private SmallDisk()
    {
    }

    public string Path => _folder.Path;

    /// <summary>Mounts one, or skips the test with the reason.</summary>
    public static SmallDisk Mount(int kibibytes)
    {
        var disk = new SmallDisk();
        var fault = OperatingSystem.IsLinux()
            ? Run("mount", "-t", "tmpfs", "-o", $"size={kibibytes}k", "tmpfs", disk.Path)
            : "tmpfs is Linux'.";
        if (fault is null) return disk;

        disk._folder.Dispose();
        Assert.Skip($"A file system that is full needs the right to mount a tmpfs: {fault}");
        throw new UnreachableException();
    }

    public void Grow(int kibibytes) =>
        Assert.Null(Run("mount", "-o", $"remount,size={kibibytes}k", Path));

    public void Dispose()
    {
        Assert.Null(Run("umount", "--lazy", Path));
        _folder.Dispose();
    }

    private static string? Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? null : $"{program} ended with {process.ExitCode}: {error.Trim()}";
    }
}
