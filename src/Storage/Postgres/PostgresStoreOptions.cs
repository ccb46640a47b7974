using System.ComponentModel.DataAnnotations;
using Npgsql;

namespace Granary.Storage.Postgres;

/// <summary>The database and the settings of a store.</summary>
public sealed class PostgresStoreOptions : IValidatableObject
{
    /// <summary>
    /// How the database is reached, as in <c>Host=db;Database=orders;Username=granary;Password=...</c>. It is a secret:
    /// no log and no error has it.
    /// </summary>
    [Required(AllowEmptyStrings = false)]
    public string ConnectionString { get; set; } = "";

    /// <summary>
    /// The schema that everything is in; created where it does not exist. Small letters, digits and underscores.
    /// Default <c>granary</c>.
    /// </summary>
    [RegularExpression("[a-z_][a-z0-9_]{0,62}")]
    [Required(AllowEmptyStrings = false)]
    public string Schema { get; set; } = "granary";

    /// <summary>How many partitions the log has: so many commit at once. Fixed when the store is created. Default 4.
    /// </summary>
    [Range(1, PartitionsMax)]
    public int PartitionCount { get; set; } = 4;

    /// <summary>
    /// How long a commit waits for those of other processes to the same partition, in milliseconds. Default 5,000.
    /// </summary>
    [Range(1, 600_000)]
    public int LockTimeoutMs { get; set; } = 5_000;

    /// <summary>
    /// After how many events of a partition the index of their streams is flushed to its tables. More means rarer,
    /// larger writes, more memory, and more to catch up at a start. Default 100,000.
    /// </summary>
    [Range(1, 10_000_000)]
    public int IndexFlushEvents { get; set; } = 100_000;

    /// <summary>
    /// How often the log is looked at for what other processes appended, in milliseconds, while somebody waits for it
    /// and no notice of them has come. Default 100.
    /// </summary>
    [Range(1, 60_000)]
    public int TailPollMs { get; set; } = 100;

    /// <summary>A stream's number has the partition in its last digits.</summary>
    internal const int PartitionsMax = 64;

    /// <inheritdoc />
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (ConnectionString.Length > 0 && Parse() is null)
            yield return new("It is no connection string of PostgreSQL, as "
                + "Host=db;Database=orders;Username=granary;Password=... is one.", [nameof(ConnectionString)]);
    }

    /// <summary>
    /// The connection string's parts; null where it is none. The driver's own error may hold a password.
    /// </summary>
    internal NpgsqlConnectionStringBuilder? Parse()
    {
        try
        {
            // Some of it is checked no earlier; nothing is connected to.
            NpgsqlDataSource.Create(ConnectionString).Dispose();
            return new NpgsqlConnectionStringBuilder(ConnectionString);
        }
        catch (Exception fault) when (fault is ArgumentException or FormatException or InvalidCastException
            or NotSupportedException)
        {
            return null;
        }
    }
}
