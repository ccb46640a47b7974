using Npgsql;
using Orleans.Configuration;

namespace Granary.Silo;

/// <summary>A cluster over PostgreSQL.</summary>
internal sealed class PostgresCluster : ClusterProvider, IAsyncDisposable
{
    public const string Example = "Host=127.0.0.1;Database=granary;Username=granary;Password=...";

    private const string Invariant = "Npgsql";

    private readonly NpgsqlDataSource _database;
    private readonly QualifiedDataSource _qualified;
    private readonly string _where;

    public PostgresCluster(string connectionString)
    {
        var builder = new NpgsqlDataSourceBuilder(connectionString);
        builder.ConnectionStringBuilder.ApplicationName ??= "granary";
        builder.ConnectionStringBuilder.PersistSecurityInfo = false;

        // Nothing is left in a session, and through a pooler it is not this one's alone.
        builder.ConnectionStringBuilder.NoResetOnClose = true;
        _where = $"PostgreSQL at {builder.ConnectionStringBuilder.Host}:{builder.ConnectionStringBuilder.Port}";
        _database = builder.Build();
        _qualified = new QualifiedDataSource(_database);
    }

    /// <summary>Whether a text is a connection string of PostgreSQL that names a server.</summary>
    public static bool CanRead(string text)
    {
        try
        {
            if (string.IsNullOrEmpty(new NpgsqlConnectionStringBuilder(text).Host)) return false;

            // Some of it is checked no earlier; nothing is connected to.
            NpgsqlDataSource.Create(text).Dispose();
            return true;
        }
        catch (Exception fault) when (fault is ArgumentException or FormatException or InvalidCastException
            or NotSupportedException)
        {
            return false;
        }
    }

    public override async Task ConnectAsync(CancellationToken cancellationToken)
    {
        try
        {
            await PostgresSchema.ApplyAsync(_database, cancellationToken);
        }
        catch (PostgresException fault)
        {
            throw Unusable(_where, $"{fault.MessageText} ({fault.SqlState})", fault);
        }
        catch (NpgsqlException fault)
        {
            throw Unusable(_where, fault.InnerException?.Message ?? fault.Message, fault);
        }
    }

    public override void AddTo(ISiloBuilder silo) => silo
        .UseAdoNetClustering(database =>
        {
            database.Invariant = Invariant;
            database.DataSource = _qualified;
        })
        .UseAdoNetReminderService(database =>
        {
            database.Invariant = Invariant;
            database.DataSource = _qualified;
        })
        .AddAdoNetGrainStorageAsDefault(database =>
        {
            database.Invariant = Invariant;
            database.DataSource = _qualified;
        });

    // A client finds the tables by a search path, which a pooler may not take.
    public override void AddClientTo(IServiceCollection services) =>
        services.PostConfigure<AdoNetClusteringClientOptions>(database =>
        {
            database.DataSource = _qualified;
            database.ConnectionString = null;
        });

    public async ValueTask DisposeAsync()
    {
        await _qualified.DisposeAsync();
        await _database.DisposeAsync();
    }
}
