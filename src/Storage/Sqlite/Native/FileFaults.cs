using SQLitePCL;

namespace Granary.Storage.Sqlite;

/// <summary>
/// What is wrong with files that SQLite opens, as extended codes of <c>SQLITE_CORRUPT</c> that SQLite does not use.
/// </summary>
internal static class FileFaults
{
    /// <summary>The write-ahead log belongs to another database file, or to another state of it.</summary>
    public const int ForeignWal = raw.SQLITE_CORRUPT | (101 << 8);

    /// <summary>The write-ahead log is damaged before its end.</summary>
    public const int DamagedWal = raw.SQLITE_CORRUPT | (102 << 8);

    /// <summary>The rollback journal of a change that another program has begun is beside the file.</summary>
    public const int ForeignJournal = raw.SQLITE_CORRUPT | (103 << 8);

    /// <summary>The file has no bytes.</summary>
    public const int EmptyFile = raw.SQLITE_CORRUPT | (104 << 8);
}
