using System.Net;
using StackExchange.Redis;

namespace Granary.Silo;

/// <summary>A cluster over Redis. All keys begin with the service's or the cluster's id.</summary>
internal sealed class RedisCluster(string connectionString) : ClusterProvider, IAsyncDisposable
{
    public const string Example = "127.0.0.1:6379,user=granary,password=...";

    private ConnectionMultiplexer? _connection;

    private IConnectionMultiplexer Connection =>
        _connection ?? throw new InvalidOperationException("The cluster's server has not been connected to.");

    /// <summary>Whether a text is a connection string of Redis that names a server.</summary>
    public static bool CanRead(string text)
    {
        try
        {
            // A host that is called by the scheme of a URL would be looked up.
            return !text.Contains("://", StringComparison.Ordinal)
                && ConfigurationOptions.Parse(text).EndPoints.Count > 0;
        }
        catch (Exception fault) when (fault is ArgumentException or FormatException)
        {
            return false;
        }
    }

    public override async Task ConnectAsync(CancellationToken cancellationToken)
    {
        var options = Options();
        try
        {
            _connection = await ConnectionMultiplexer.ConnectAsync(options).WaitAsync(cancellationToken);
            await _connection.GetDatabase().PingAsync().WaitAsync(cancellationToken);
        }
        catch (RedisException fault)
        {
            throw Unusable(
                $"Redis at {string.Join(',', options.EndPoints.Select(Name))}", Reason(fault, options.Ssl), fault);
        }
    }

    public override void AddTo(ISiloBuilder silo) => silo
        .UseRedisClustering(redis =>
        {
            redis.ConfigurationOptions = Options();
            redis.CreateMultiplexer = Shared;
        })
        .UseRedisReminderService(redis =>
        {
            redis.ConfigurationOptions = Options();
            redis.CreateMultiplexer = Shared;
        })
        .AddRedisGrainStorageAsDefault(redis =>
        {
            redis.ConfigurationOptions = Options();
            redis.CreateMultiplexer = Shared;
        });

    public async ValueTask DisposeAsync()
    {
        if (_connection is not null) await _connection.DisposeAsync();
    }

    // The connection is ours, and is closed after all that use it.
    private Task<(IConnectionMultiplexer Multiplexer, bool IsShared)> Shared<TOptions>(TOptions options) =>
        Task.FromResult((Connection, true));

    // At the start a server that is not there is a fault, after one try; later the connection is made again by itself.
    private ConfigurationOptions Options()
    {
        var options = ConfigurationOptions.Parse(connectionString);
        options.AbortOnConnectFail = true;
        if (!connectionString.Contains("connectRetry=", StringComparison.OrdinalIgnoreCase)) options.ConnectRetry = 1;
        return options;
    }

    // The message of a failed connection advises to set what is set above.
    private static string Reason(RedisException fault, bool isTls) => fault switch
    {
        { InnerException: System.Security.Authentication.AuthenticationException tls } => $"no TLS: {tls.Message}",
        RedisConnectionException { FailureType: ConnectionFailureType.AuthenticationFailure } =>
            "the user or the password is wrong",
        RedisConnectionException connection when isTls =>
            $"no connection with TLS, which ssl=true asks for ({connection.FailureType})",
        RedisConnectionException connection => $"no connection ({connection.FailureType})",
        _ => fault.Message,
    };

    private static string Name(EndPoint endpoint) =>
        endpoint is DnsEndPoint dns ? $"{dns.Host}:{dns.Port}" : endpoint.ToString()!;
}
