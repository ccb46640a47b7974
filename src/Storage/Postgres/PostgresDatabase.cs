using System.Data.Common;
using System.Reflection;
using Npgsql;
using NpgsqlTypes;

namespace Granary.Storage.Postgres;

/// <summary>Runs the functions of the store's schema. Whatever fails is one of Granary's errors.</summary>
internal sealed class PostgresDatabase(PostgresStoreOptions options) : IAsyncDisposable
{
    // More than the store has functions.
    private const int PreparedMax = 40;

    private readonly NpgsqlDataSource _source = Connect(options);

    public PostgresStoreOptions Options => options;

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
            await using var connection = await _source.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
            return await use(connection, cancellationToken).ConfigureAwait(false);
        }
        catch (NpgsqlException fault)
        {
            // A call that its caller has cancelled ends with that.
            cancellationToken.ThrowIfCancellationRequested();
            throw PostgresErrors.Map(fault, Name);
        }
    }

    public ValueTask DisposeAsync() => _source.DisposeAsync();

    private static NpgsqlDataSource Connect(PostgresStoreOptions options)
    {
        var builder = new NpgsqlDataSourceBuilder(Parse(options).ConnectionString);
        builder.ConnectionStringBuilder.ApplicationName ??= "granary";

        // Planning a call takes the server longer than running it. Whoever sets it, to 0 for a pooler, decides.
        var given = new DbConnectionStringBuilder { ConnectionString = builder.ConnectionString };
        if (!given.ContainsKey("Max Auto Prepare"))
            (builder.ConnectionStringBuilder.MaxAutoPrepare, builder.ConnectionStringBuilder.AutoPrepareMinUsages) =
                (PreparedMax, 2);

        // A name or a payload in an error would be in a log soon after.
        builder.ConnectionStringBuilder.IncludeErrorDetail = false;
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

    public PostgresCall With(long value) => Add(new NpgsqlParameter<long> { TypedValue = value });

    public PostgresCall With(int value) => Add(new NpgsqlParameter<int> { TypedValue = value });

    public PostgresCall With(Guid value) => Add(new NpgsqlParameter<Guid> { TypedValue = value });

    public PostgresCall With(byte[] value) => Add(new NpgsqlParameter<byte[]> { TypedValue = value });

    public PostgresCall With(ReadOnlyMemory<byte> value) =>
        Add(new NpgsqlParameter<ReadOnlyMemory<byte>> { TypedValue = value });

    public PostgresCall With(DateTimeOffset value) =>
        Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = value.ToUniversalTime() });

    public PostgresCall With(long? value) => Nullable(value, NpgsqlDbType.Bigint);

    public PostgresCall With(DateTimeOffset? value) => Nullable(value?.ToUniversalTime(), NpgsqlDbType.TimestampTz);

    /// <summary>An array, of a list that is not changed while the call runs.</summary>
    public PostgresCall With<T>(IList<T>? values, NpgsqlDbType type) => Nullable(values, NpgsqlDbType.Array | type);

    /// <summary>Reads the rows that the function returns.</summary>
    public Task<List<T>> ReadAsync<T>(Func<NpgsqlDataReader, T> row, CancellationToken cancellationToken) =>
        database.UseAsync((connection, token) => ReadAsync(connection, row, token), cancellationToken);

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
