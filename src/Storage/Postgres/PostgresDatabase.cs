using System.Data;
using System.Data.Common;
using System.Reflection;
using Npgsql;
using NpgsqlTypes;

namespace Granary.Storage.Postgres;

/// <summary>Runs the functions of the store's schema. Whatever fails is one of Granary's errors.</summary>
internal sealed class PostgresDatabase(PostgresStoreOptions options) : IAsyncDisposable
{
    // More than the store has functions, and the statements of some tables of models.
    private const int PreparedMax = 100;

    // A server has 100 by default, for all silos. More at once make none of them faster.
    private const int ConnectionsMax = 25;

    // Beyond the lock time-out, so that the server ends the wait and says why.
    private const int CommandMarginS = 10;

    private readonly NpgsqlDataSource _prepared = Connect(options, preparedMax: PreparedMax);
    private readonly NpgsqlDataSource _plain = Connect(options, preparedMax: 0);
    private volatile bool _isDirect;

    public PostgresStoreOptions Options => options;

    /// <summary>
    /// Whether a connection has a process of the server to itself. Through a pooler it has one for a transaction only,
    /// which would not know the calls that another one has prepared. Not known to be so until it is set.
    /// </summary>
    public bool IsDirect
    {
        get => _isDirect;
        set => _isDirect = value;
    }

    /// <summary>The database and the schema, for errors and logs.</summary>
    public string Name { get; } = NameOf(options);

    /// <summary>The text of an embedded file of SQL, for this schema.</summary>
    public string Sql(string file)
    {
        using var stream = Assembly.GetExecutingAssembly()
            .GetManifestResourceStream($"Granary.Storage.Postgres.Sql.{file}.sql")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().Replace("{schema}", options.Schema, StringComparison.Ordinal);
    }

    /// <summary>A call of a function of the schema, with a parameter for each argument.</summary>
    public PostgresCall Call(string function) => new(this, function);

    /// <summary>Uses a connection of the pool.</summary>
    /// <exception cref="GranaryException">The database cannot be reached, or refuses.</exception>
    public async Task<T> UseAsync<T>(
        Func<NpgsqlConnection, CancellationToken, Task<T>> use, CancellationToken cancellationToken)
    {
        try
        {
            return (await TryUseAsync(use, mayRepeat: false, cancellationToken).ConfigureAwait(false)).Value!;
        }
        catch (Exception fault) when (fault is NpgsqlException or TimeoutException)
        {
            throw Mapped(fault, cancellationToken);
        }
    }

    /// <summary>
    /// Uses a connection of the pool, and where that one turns out to have ended, another one: the pool may have many
    /// that ended while nobody used them. For what may run twice.
    /// </summary>
    /// <exception cref="GranaryException">The database cannot be reached, or refuses.</exception>
    public async Task<T> RepeatAsync<T>(
        Func<NpgsqlConnection, CancellationToken, Task<T>> use, CancellationToken cancellationToken)
    {
        try
        {
            var first = await TryUseAsync(use, mayRepeat: true, cancellationToken).ConfigureAwait(false);
            return first.IsDone ? first.Value!
                : (await TryUseAsync(use, mayRepeat: false, cancellationToken).ConfigureAwait(false)).Value!;
        }
        catch (Exception fault) when (fault is NpgsqlException or TimeoutException)
        {
            throw Mapped(fault, cancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _prepared.DisposeAsync().ConfigureAwait(false);
        await _plain.DisposeAsync().ConfigureAwait(false);
    }

    private async Task<(bool IsDone, T? Value)> TryUseAsync<T>(
        Func<NpgsqlConnection, CancellationToken, Task<T>> use, bool mayRepeat, CancellationToken cancellationToken)
    {
        var source = IsDirect ? _prepared : _plain;
        await using var connection = await source.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return (true, await use(connection, cancellationToken).ConfigureAwait(false));
        }
        catch (NpgsqlException fault) when (IsLost(connection, fault))
        {
            // What ended this one has most likely ended the others that wait in the pool.
            NpgsqlConnection.ClearPool(connection);
            if (!mayRepeat || cancellationToken.IsCancellationRequested) throw;
            return (false, default);
        }
    }

    // A server that is slow, or fails, is not asked once more.
    private static bool IsLost(NpgsqlConnection connection, NpgsqlException fault) =>
        !connection.State.HasFlag(ConnectionState.Open) && fault.InnerException is not TimeoutException
        && (fault is not PostgresException server || PostgresErrors.HasEnded(server));

    private GranaryException Mapped(Exception fault, CancellationToken cancellationToken)
    {
        // A call that its caller has cancelled ends with that.
        cancellationToken.ThrowIfCancellationRequested();
        return PostgresErrors.Map(fault, Name);
    }

    private static NpgsqlDataSource Connect(PostgresStoreOptions options, int preparedMax)
    {
        var builder = new NpgsqlDataSourceBuilder(Parse(options).ConnectionString);
        var settings = builder.ConnectionStringBuilder;
        var given = new DbConnectionStringBuilder { ConnectionString = builder.ConnectionString };
        settings.ApplicationName ??= "granary";

        // Planning a call takes the server longer than running it. Whoever sets it, for a pooler, decides.
        if (!given.ContainsKey("Max Auto Prepare"))
            (settings.MaxAutoPrepare, settings.AutoPrepareMinUsages) = (preparedMax, 2);
        if (!given.ContainsKey("Maximum Pool Size")) settings.MaxPoolSize = ConnectionsMax;
        if (!given.ContainsKey("Command Timeout"))
            settings.CommandTimeout =
                Math.Max(settings.CommandTimeout, (options.LockTimeoutMs / 1_000) + CommandMarginS);

        // Nothing is left in a session, so there is nothing to reset: that would throw away the plans of the functions.
        settings.NoResetOnClose = true;

        // A name or a payload in an error would be in a log soon after.
        settings.IncludeErrorDetail = false;
        return builder.Build();
    }

    private static string NameOf(PostgresStoreOptions options)
    {
        var parsed = Parse(options);
        return $"schema {options.Schema} of PostgreSQL database {parsed.Database ?? parsed.Username} at {parsed.Host}";
    }

    private static NpgsqlConnectionStringBuilder Parse(PostgresStoreOptions options) =>
        options.Parse() ?? throw new ArgumentException(
            $"{nameof(PostgresStoreOptions)}.{nameof(options.ConnectionString)} is no connection string of PostgreSQL. "
            + "It is written Host=db;Database=orders;Username=granary;Password=...", nameof(options));
}

/// <summary>A call of a function: its arguments in order, then how it is run.</summary>
internal sealed class PostgresCall(PostgresDatabase database, string function)
{
    private readonly List<NpgsqlParameter> _arguments = [];
    private NpgsqlCommand? _last;

    public PostgresCall With(long value) => Add(new NpgsqlParameter<long> { TypedValue = value });

    public PostgresCall With(int value) => Add(new NpgsqlParameter<int> { TypedValue = value });

    public PostgresCall With(Guid value) => Add(new NpgsqlParameter<Guid> { TypedValue = value });

    public PostgresCall With(string value) => Add(new NpgsqlParameter<string> { TypedValue = value });

    public PostgresCall With(byte[]? value) => Nullable(value, NpgsqlDbType.Bytea);

    public PostgresCall With(ReadOnlyMemory<byte>? value) => Nullable(value, NpgsqlDbType.Bytea);

    public PostgresCall With(DateTimeOffset value) =>
        Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = value.ToUniversalTime() });

    public PostgresCall With(long? value) => Nullable(value, NpgsqlDbType.Bigint);

    public PostgresCall With(DateTimeOffset? value) => Nullable(value?.ToUniversalTime(), NpgsqlDbType.TimestampTz);

    /// <summary>What a snapshot has beside its version and its position; NULLs where there is none.</summary>
    public PostgresCall With(Snapshot? value) =>
        With(value?.Timestamp).With(value is null ? null : Names.Bytes(value.Fingerprint))
            .With(unchecked((long?)value?.Checksum)).With(value?.Payload);

    /// <summary>An array, of a list that is not changed while the call runs.</summary>
    public PostgresCall With<T>(IList<T>? values, NpgsqlDbType type) => Nullable(values, NpgsqlDbType.Array | type);

    /// <summary>
    /// Reads the rows that the function returns. It may run twice, which changes no more than once does: not for
    /// <c>append</c>.
    /// </summary>
    public Task<List<T>> ReadAsync<T>(Func<NpgsqlDataReader, T> row, CancellationToken cancellationToken) =>
        database.RepeatAsync((connection, token) => ReadAsync(connection, row, token), cancellationToken);

    /// <summary>Reads the rows that the function returns, on a connection; the transaction has ended then.</summary>
    public async Task<List<T>> ReadAsync<T>(
        NpgsqlConnection connection, Func<NpgsqlDataReader, T> row, CancellationToken cancellationToken)
    {
        var command = Command(connection);
        await using (command.ConfigureAwait(false))
        {
            var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            await using (reader.ConfigureAwait(false))
            {
                var rows = new List<T>();
                while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false)) rows.Add(row(reader));

                // A row comes before the commit: it counts only when that was reported too.
                await reader.NextResultAsync(cancellationToken).ConfigureAwait(false);

                return rows;
            }
        }
    }

    private NpgsqlCommand Command(NpgsqlConnection connection)
    {
        var marks = string.Join(", ", Enumerable.Range(1, _arguments.Count).Select(static at => $"${at}"));
        var command = new NpgsqlCommand(
            $"SELECT * FROM {database.Options.Schema}.{function}({marks})", connection);

        // An argument belongs to one command, and the call may run twice.
        _last?.Parameters.Clear();
        _last = command;
        foreach (var argument in _arguments) command.Parameters.Add(argument);
        return command;
    }

    private PostgresCall Nullable(object? value, NpgsqlDbType type) =>
        Add(new NpgsqlParameter { Value = value ?? DBNull.Value, NpgsqlDbType = type });

    private PostgresCall Add(NpgsqlParameter argument)
    {
        _arguments.Add(argument);
        return this;
    }
}
