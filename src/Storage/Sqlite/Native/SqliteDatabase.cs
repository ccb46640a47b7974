using System.Globalization;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Granary.Storage.Sqlite;

/// <summary>The database file: creates it, opens sessions on it, checks that it is still there.</summary>
internal sealed class SqliteDatabase : IDisposable
{
    // Negative is KiB: how much a writer or a reader caches of the file's inner pages, heads and marks.
    private const int WriterCacheKibibytes = -32 * 1024;
    private const int ReaderCacheKibibytes = -8 * 1024;

    /// <summary>
    /// How long a check that the file is still there counts, where nothing was reported by the
    /// <see cref="FolderWatch"/>. Looking up its paths takes a third of the time of a commit of one event, so it is not
    /// repeated at each.
    /// </summary>
    public static readonly TimeSpan CheckValidity = TimeSpan.FromMilliseconds(50);

    // What a process that was killed while it created a file has left ends like this.
    private const string PartialSuffix = ".partial";

    private readonly string _path;
    private readonly string _walPath;
    private readonly string _sharedMemoryPath;
    private readonly string _busyTimeout;
    private readonly TimeProvider _time;
    private readonly Lock _anchorLock = new();
    private readonly Lock _watchLock = new();
    private FolderWatch? _watch;
    private SqliteSession? _anchor;

    // Time stamps of the last successful checks; 0 or less for none.
    private long _foundAt;
    private long _foundDurableAt;
    private long _discards;

    public SqliteDatabase(SqliteStoreOptions options, TimeProvider time)
    {
        ChecksummedFiles.Register();
        Options = options;
        _time = time;
        _path = FileAt(options.Path);
        _walPath = _path + "-wal";
        _sharedMemoryPath = _path + "-shm";
        _busyTimeout = string.Create(CultureInfo.InvariantCulture, $"PRAGMA busy_timeout = {options.BusyTimeoutMs}");
    }

    public SqliteStoreOptions Options { get; }

    /// <summary>Whether a path is the store's own, or one that SQLite uses beside it.</summary>
    public bool IsOwnFile(string path)
    {
        var file = FileAt(path);
        return file == _path || file == _walPath || file == _sharedMemoryPath || file == _path + "-journal";
    }

    /// <summary>The size of the write-ahead log's file in bytes; 0 where there is none.</summary>
    public long WalBytes => new FileInfo(_walPath) is { Exists: true } wal ? wal.Length : 0;

    /// <summary>
    /// Creates the file where it does not exist. This is done once, when the store is initialized: whatever is opened
    /// later opens this file and never creates one.
    /// </summary>
    /// <param name="fill">Writes what a new file begins with.</param>
    /// <returns>Whether it was created.</returns>
    public bool Create(Action<SqliteSession> fill)
    {
        var isNew = false;
        lock (_anchorLock)
        {
            if (_anchor is not null) return false;
            CreateFolder();
            OpenAnchor(() =>
            {
                isNew = CreateFile(fill);
                UseWal(_path, SqliteOpenMode.ReadWrite);
            });
        }

        return isNew;
    }

    /// <summary>Opens the file without creating it.</summary>
    public void OpenExisting()
    {
        lock (_anchorLock) OpenAnchor(static () => { });
    }

    /// <summary>Opens a session that writes; each commit of it is synced before it returns.</summary>
    public SqliteSession OpenWriter()
    {
        ThrowIfMoved();

        // The maintenance moves the write-ahead log into the file. What is deleted is overwritten with zeros, so that
        // nothing of a cleared stream is left in free space.
        return Open(
            "PRAGMA wal_autocheckpoint = 0",
            string.Create(CultureInfo.InvariantCulture, $"PRAGMA journal_size_limit = {Options.WalBytesMax}"),
            "PRAGMA secure_delete = ON",
            Cache(WriterCacheKibibytes));
    }

    /// <summary>Opens a session that reads.</summary>
    public SqliteSession OpenReader()
    {
        ThrowIfMoved();
        return Open(ReaderPragmas());
    }

    /// <summary>
    /// Fails where the path does not lead to the file that a session has open: what is written into a removed file is
    /// lost, and what is read from it is not what others read. Checked when something in its folder was removed,
    /// renamed or replaced, and at least once in <see cref="CheckValidity"/>; after a failure each time.
    /// </summary>
    public void ThrowIfMoved(SqliteSession session)
    {
        NoticeChanges();
        var last = Volatile.Read(ref _foundAt);
        if (IsValid(last)) return;
        var now = _time.GetTimestamp();
        if (session.HasMoved) throw DetectedMove();
        Interlocked.CompareExchange(ref _foundAt, now, last);
    }

    /// <summary>
    /// Fails where the file has moved, or its write-ahead log was removed. Checked as often as
    /// <see cref="ThrowIfMoved(SqliteSession)"/>.
    /// </summary>
    public void ThrowIfNotDurable(SqliteSession session)
    {
        NoticeChanges();
        var last = Volatile.Read(ref _foundDurableAt);
        if (IsValid(last)) return;
        var now = _time.GetTimestamp();
        if (session.HasMoved || !File.Exists(_walPath) || !File.Exists(_sharedMemoryPath)) throw DetectedMove();
        Interlocked.CompareExchange(ref _foundDurableAt, now, last);
    }

    public GranaryException Map(SqliteException fault) =>
        SqliteErrors.MapFile(fault, _path) ?? SqliteErrors.Map(fault, Options.Path);

    public void Dispose()
    {
        lock (_watchLock)
        {
            _watch?.Dispose();
            _watch = null;
        }

        lock (_anchorLock)
        {
            _anchor?.Dispose();
            _anchor = null;
        }
    }

    // SQLite keeps its write-ahead log beside the file, not beside a link to it. A folder of the path may be a link,
    // too: where that is changed to lead elsewhere, all sessions still open one file.
    private static string FileAt(string path)
    {
        try
        {
            return LinkedPath.Resolve(path);
        }
        catch (IOException)
        {
            // It does not exist, or cannot be used: opening it reports why.
            return Path.GetFullPath(path);
        }
    }

    // The first session of the store holds the file open: while it does, no other file can have its identity.
    private void ThrowIfMoved()
    {
        lock (_anchorLock)
        {
            if (_anchor is null) throw new InvalidOperationException("The store is not initialized, or is disposed.");
            if (_anchor.HasMoved) throw Moved();
        }
    }

    // The thread that dequeues a report discards the checks before another thread may look: an empty queue means that
    // they are valid.
    private void NoticeChanges()
    {
        lock (_watchLock)
        {
            if (_watch is not null && _watch.HasChanged()) DiscardChecks();
        }
    }

    // Neither a read nor a commit relies on an earlier check any more. The value is another each time, so that a check
    // that began before does not replace it with its own time stamp.
    private void DiscardChecks()
    {
        var none = -Interlocked.Increment(ref _discards);
        Volatile.Write(ref _foundAt, none);
        Volatile.Write(ref _foundDurableAt, none);
    }

    private StoreUnavailableException DetectedMove()
    {
        DiscardChecks();
        return Moved();
    }

    private bool IsValid(long foundAt) => foundAt > 0 && _time.GetElapsedTime(foundAt) < CheckValidity;

    private void OpenAnchor(Action create)
    {
        try
        {
            create();
            _anchor ??= Open(ReaderPragmas());
            lock (_watchLock) _watch ??= FolderWatch.TryOpen(Path.GetDirectoryName(_path)!);
        }
        catch (SqliteException fault)
        {
            throw Map(fault);
        }
    }

    private SqliteSession Open(params ReadOnlySpan<string> pragmas) => OpenAt(_path, pragmas);

    private SqliteSession OpenAt(string path, params ReadOnlySpan<string> pragmas)
    {
        // One thread at a time uses a session: SQLite need not lock it for every column of every row.
        const int Flags = raw.SQLITE_OPEN_READWRITE | raw.SQLITE_OPEN_NOMUTEX;
        var code = raw.sqlite3_open_v2(path, out var handle, Flags, ChecksummedFiles.Name);
        var session = new SqliteSession(handle, this);
        try
        {
            if (code != raw.SQLITE_OK) SqliteException.ThrowExceptionForRC(code, handle);
            session.Execute(_busyTimeout);
            session.Execute("PRAGMA synchronous = FULL");
            session.Execute("PRAGMA mmap_size = 0");
            foreach (var pragma in pragmas) session.Execute(pragma);
            return session;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    // It has its name only when it is complete and synced. So a store never has a file without bytes, or a part of one,
    // whenever a process is killed, and of two processes that create it one is the first.
    private bool CreateFile(Action<SqliteSession> fill)
    {
        // Looked for first: where another process creates the file now, it has none of these before.
        var left = FindLeft();
        if (Path.Exists(_path)) return false;
        if (left is not null)
            throw new StoreCorruptException(
                $"{Options.Path} is missing, but {left} is there, which belongs to it. Put the file back. To start "
                + $"with a new store, move {left} away.");
        var folder = Path.GetDirectoryName(_path)!;
        var partial = Path.Combine(folder, Path.GetRandomFileName() + PartialSuffix);
        try
        {
            UseWal(partial, SqliteOpenMode.ReadWriteCreate);
            using (var session = OpenAt(partial))
            {
                session.Execute("BEGIN");
                fill(session);
                session.Execute("COMMIT");

                // SQLite does this when the file is closed, but does not report that it failed.
                if (!session.TryTruncateWal(Options.BusyTimeoutMs))
                    throw new StoreUnavailableException($"{partial} is locked by another process. Try again.");
            }

            File.Move(partial, _path);
            SyncedFolder.Flush(folder);
            return true;
        }
        catch (IOException) when (File.Exists(_path))
        {
            return false;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new StoreUnavailableException($"{Options.Path} cannot be created: {fault.Message}", fault);
        }
        finally
        {
            string[] suffixes = ["", "-journal", "-wal", "-shm"];
            foreach (var suffix in suffixes) File.Delete(partial + suffix);
        }
    }

    private string? FindLeft()
    {
        foreach (var path in (ReadOnlySpan<string>)[_walPath, _path + "-journal"])
        {
            if (new FileInfo(path) is { Exists: true, Length: > 0 }) return path;
        }

        return null;
    }

    // Through the driver, which tries again where another process does the same at the same time.
    private void UseWal(string path, SqliteOpenMode mode)
    {
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = path,
            Mode = mode,
            Pooling = false,
            Vfs = ChecksummedFiles.Name,
        }.ToString());
        connection.Open();
        SqliteFileControl.ReserveBytes(connection.Handle!, ChecksummedFiles.ChecksumSize);
        using var command = connection.CreateCommand();
        foreach (var pragma in (ReadOnlySpan<string>)
            [_busyTimeout, $"PRAGMA page_size = {ChecksummedFiles.PageSize}"])
        {
            command.CommandText = pragma;
            command.ExecuteNonQuery();
        }

        // A backup has no write-ahead log yet. To get one changes its first page alone, which needs no rollback
        // journal: a process that is killed meanwhile would leave it, and it would be refused.
        command.CommandText = "PRAGMA journal_mode";
        if (command.ExecuteScalar() is not "wal")
        {
            command.CommandText = "PRAGMA journal_mode = OFF";
            command.ExecuteNonQuery();
        }

        command.CommandText = "PRAGMA journal_mode = WAL";
        if (command.ExecuteScalar() is not "wal")
            throw new StoreUnavailableException(
                $"{Options.Path} cannot have a write-ahead log: SQLite answers with another journal mode. Its file "
                + "system must support shared memory and locks: choose a path on a local disk.");
    }

    private void CreateFolder()
    {
        try
        {
            if (Path.GetDirectoryName(_path) is { } folder) Directory.CreateDirectory(folder);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new StoreUnavailableException(
                $"The folder of {Options.Path} cannot be created: {fault.Message} Create it, or choose another path.",
                fault);
        }
    }

    private StoreUnavailableException Moved() => new(
        $"{Options.Path} or its write-ahead log was removed, renamed or replaced while it is open. Nothing more is "
        + "written to it. Stop this process, put the file or a backup of it at that path, and start again.");

    private static string ReaderPragmas() => Cache(ReaderCacheKibibytes);

    private static string Cache(int kibibytes) =>
        string.Create(CultureInfo.InvariantCulture, $"PRAGMA cache_size = {kibibytes}");
}
