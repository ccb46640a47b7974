using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Granary.Storage.Sqlite;

/// <summary>
/// Reports at once that files of a folder, or the folder itself, were removed, renamed or replaced. By Linux' inotify:
/// the kernel queues what happened before the call that did it returns, and to look at an empty queue takes less than a
/// microsecond. The framework's own watcher reports later, from a thread of its own.
/// </summary>
internal sealed unsafe partial class FolderWatch : IDisposable
{
    // IN_NONBLOCK and IN_CLOEXEC.
    private const int Flags = 0x800 | 0x80000;

    // IN_MOVED_FROM, IN_MOVED_TO, IN_DELETE, IN_DELETE_SELF, IN_MOVE_SELF.
    private const uint Changes = 0x40 | 0x80 | 0x200 | 0x400 | 0x800;

    private const int BufferSize = 4_096;

    private readonly string _folder;
    private readonly SafeFileHandle _queue;

    private FolderWatch(string folder, SafeFileHandle queue) => (_folder, _queue) = (folder, queue);

    /// <summary>Watches a folder; null where the platform, or its limit of watches, does not allow it.</summary>
    public static FolderWatch? TryOpen(string folder)
    {
        if (!OperatingSystem.IsLinux()) return null;
        var queue = Open(Flags);
        var watch = new FolderWatch(folder, queue);
        if (!queue.IsInvalid && watch.TryAdd()) return watch;
        watch.Dispose();
        return null;
    }

    /// <summary>Whether anything was removed, renamed or replaced since the last call.</summary>
    public bool HasChanged()
    {
        var buffer = stackalloc byte[BufferSize];
        if (Read(_queue, buffer, BufferSize) <= 0) return false;
        while (Read(_queue, buffer, BufferSize) > 0)
        {
        }

        // The folder may be another one now, at the same path.
        TryAdd();
        return true;
    }

    public void Dispose() => _queue.Dispose();

    private bool TryAdd() => Add(_queue, _folder, Changes) >= 0;

    [LibraryImport("libc", EntryPoint = "inotify_init1")]
    private static partial SafeFileHandle Open(int flags);

    [LibraryImport("libc", EntryPoint = "inotify_add_watch", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Add(SafeFileHandle queue, string path, uint changes);

    [LibraryImport("libc", EntryPoint = "read")]
    private static partial nint Read(SafeFileHandle queue, byte* buffer, nint size);
}
