using System.ComponentModel.DataAnnotations;

namespace Granary.Storage.Sqlite;

/// <summary>The path and the settings of a store.</summary>
public sealed class SqliteStoreOptions
{
    /// <summary>The database file; its folder is created. Default <c>granary-data/granary.db</c>.</summary>
    [Required(AllowEmptyStrings = false)]
    public string Path { get; set; } = System.IO.Path.Combine("granary-data", "granary.db");

    /// <summary>
    /// The database file of the models; its folder is created. Null for one beside <see cref="Path"/>, with
    /// <c>-models</c> in its name: <c>granary-data/granary-models.db</c>.
    /// </summary>
    public string? ModelsPath { get; set; }

    /// <summary>How many partitions the log has. Fixed when the file is created. Default 1.</summary>
    [Range(1, 64)]
    public int PartitionCount { get; set; } = 1;

    /// <summary>How long a writer waits for another process's commit, in milliseconds. Default 5,000.</summary>
    [Range(0, 600_000)]
    public int BusyTimeoutMs { get; set; } = 5_000;

    /// <summary>
    /// After how many events the index of their streams is flushed to the file. More means rarer, larger writes, more
    /// memory, and more to catch up after a crash. Default 200,000.
    /// </summary>
    [Range(1, 10_000_000)]
    public int IndexFlushEvents { get; set; } = 200_000;

    /// <summary>
    /// The size in bytes that the write-ahead log may grow to while the file is read all the time. Above it, commits
    /// wait for at most 100 ms for a moment at which it can be truncated. Default 67,108,864 (64 MiB).
    /// </summary>
    [Range(65_536, 1_099_511_627_776)]
    public long WalBytesMax { get; set; } = 64 * 1024 * 1024;

    /// <summary>How many reads run at once; further ones wait. Default 16.</summary>
    [Range(1, 1_000)]
    public int ReadersMax { get; set; } = 16;

    /// <summary>
    /// How often the file is looked at for what other processes appended, in milliseconds, while somebody waits for it.
    /// Default 100.
    /// </summary>
    [Range(1, 60_000)]
    public int TailPollMs { get; set; } = 100;
}
