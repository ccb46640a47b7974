using Npgsql;

namespace Granary.Storage.Postgres;

/// <summary>Maps PostgreSQL's error codes to Granary's exceptions.</summary>
internal static class PostgresErrors
{
    /// <summary>A name of a stream or type that another process has added at the same time.</summary>
    public static bool IsTaken(PostgresException fault) => fault.SqlState == PostgresErrorCodes.UniqueViolation;

    /// <summary>
    /// What the server answered; null where it did not answer. The cause of one of Granary's errors is replaced by what
    /// can be sent.
    /// </summary>
    public static PostgresException? AnswerOf(GranaryException fault) =>
        ((fault.InnerException as ForeignException)?.Original ?? fault.InnerException) as PostgresException;

    /// <summary>The server has ended the session, most often while nothing was asked of it.</summary>
    public static bool HasEnded(PostgresException fault) => fault.SqlState is PostgresErrorCodes.AdminShutdown
        or PostgresErrorCodes.CrashShutdown or PostgresErrorCodes.IdleSessionTimeout;

    public static GranaryException Map(Exception fault, string store) =>
        fault is PostgresException { SqlState: var state } answered ? Map(answered, state, store)
        : new StoreUnavailableException(
            $"The connection to {store} failed: {fault.Message.TrimEnd('.')}. Check that the server runs and can be "
            + "reached; the store continues when it can.", fault);

    private static GranaryException Map(NpgsqlException fault, string state, string store) => state switch
    {
        PostgresErrorCodes.InsufficientPrivilege => new StoreReadOnlyException(
            $"The role may not do that in {store}: {Text(fault)} Make it the owner of the schema.", fault),
        PostgresErrorCodes.DataCorrupted or PostgresErrorCodes.IndexCorrupted => new StoreCorruptException(
            $"PostgreSQL reports damage in {store}: {Text(fault)} Restore the database from a backup.", fault),
        PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.UndefinedFunction or PostgresErrorCodes.UndefinedColumn
            or PostgresErrorCodes.InvalidSchemaName => new StoreCorruptException(
            $"A part of {store} is missing: {Text(fault)} Restore it from a backup, or start the silo again where "
            + "another version of Granary has changed it.", fault),
        PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification
            or PostgresErrorCodes.InvalidCatalogName => new StoreUnavailableException(
            $"{store} cannot be opened: {Text(fault)} Check "
            + $"{nameof(PostgresStoreOptions)}.{nameof(PostgresStoreOptions.ConnectionString)}.", fault),
        PostgresErrorCodes.InvalidSqlStatementName or PostgresErrorCodes.DuplicatePreparedStatement =>
            new StoreUnavailableException(
            $"{store} does not know a prepared statement: {Text(fault)} A pooler in between does not carry them over: "
            + "take 'Max Auto Prepare' out of the connection string.", fault),
        PostgresErrorCodes.LockNotAvailable => new StoreUnavailableException(
            $"{store} is locked by other commits for longer than the lock time-out. Try again.", fault),
        PostgresErrorCodes.ReadOnlySqlTransaction => new StoreUnavailableException(
            $"{store} takes no writes now: the server is a standby, or was set to read only. Try again when there is "
            + "a primary server.", fault),
        PostgresErrorCodes.DiskFull => new StoreUnavailableException(
            $"The disk of {store} is full. Free space on it; nothing is lost and the store continues by itself.",
            fault),
        _ => new StoreUnavailableException(
            $"PostgreSQL failed on {store} with error {state}: {Text(fault)} Try again; look at the server's log where "
            + "that does not help.", fault),
    };

    private static string Text(NpgsqlException fault) => $"{((PostgresException)fault).MessageText}.";
}
