using System.Diagnostics;

namespace Granary.Tests.Integration;

/// <summary>A tmpfs of a size, which may grow later. Mounting takes rights that not every user has.</summary>
internal sealed class SmallDisk : IDisposable
{
    private readonly TempFolder _folder = new();

    private SmallDisk()
    {
    }

    public string Path => _folder.Path;

    /// <summary>
    /// Mounts one. Without the right to do so the test is skipped with the reason; in CI it fails, so that no reader
    /// takes for tested what is not.
    /// </summary>
    public static SmallDisk Mount(int kibibytes)
    {
        var disk = new SmallDisk();
        var fault = OperatingSystem.IsLinux()
            ? AsRoot("mount", "-t", "tmpfs", "-o", $"size={kibibytes}k,mode=777", "tmpfs", disk.Path)
            : "only Linux has tmpfs.";
        if (fault is null) return disk;

        disk._folder.Dispose();
        var reason = $"A full file system needs the right to mount a tmpfs: {fault}";
        if (Environment.GetEnvironmentVariable("CI") == "true") Assert.Fail(reason);
        Assert.Skip(reason);
        throw new UnreachableException();
    }

    public void Grow(int kibibytes) =>
        Assert.Null(AsRoot("mount", "-o", $"remount,size={kibibytes}k", Path));

    public void Dispose()
    {
        Assert.Null(AsRoot("umount", "--lazy", Path));
        _folder.Dispose();
    }

    // A user's own sudo, where it needs no password, does as well.
    private static string? AsRoot(params string[] command) =>
        Environment.UserName == "root" ? Run(command[0], command[1..]) : Run("sudo", ["-n", .. command]);

    private static string? Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? null : $"{program} ended with {process.ExitCode}: {error.Trim()}";
    }
}
