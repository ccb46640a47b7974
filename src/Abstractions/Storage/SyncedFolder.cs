using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Granary;

/// <summary>
/// Syncs a folder, so that a file in it still has its name after a power cut. The framework opens no folders. Windows
/// needs no such call.
/// </summary>
internal static partial class SyncedFolder
{
    private const int ReadOnly = 0;

    /// <exception cref="IOException">It cannot be synced.</exception>
    public static void Flush(string folder)
    {
        if (OperatingSystem.IsWindows()) return;
        using var handle = Open(folder, ReadOnly);
        if (handle.IsInvalid || Sync(handle) != 0)
            throw new IOException($"{folder} cannot be synced: error {Marshal.GetLastPInvokeError()} of the system.");
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial SafeFileHandle Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Sync(SafeFileHandle handle);
}
