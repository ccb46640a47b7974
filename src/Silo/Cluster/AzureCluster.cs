using Azure;
using Azure.Core;
using Azure.Data.Tables;
using Azure.Identity;
using Granary.Client;

namespace Granary.Silo;

/// <summary>
/// A cluster over tables of Azure Storage. An address instead of a connection string is used with the shared access
/// signature in it, or else with the identity of the process.
/// </summary>
internal sealed class AzureCluster : ClusterProvider
{
    public const string Example =
        "DefaultEndpointsProtocol=https;AccountName=...;AccountKey=..., or https://ACCOUNT.table.core.windows.net for "
        + "the identity of the process, or UseDevelopmentStorage=true for the emulator Azurite on this machine";

    // The start waits for the first answer, so it is not tried for minutes.
    private const int ConnectRetriesMax = 2;

    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5);

    private readonly string _connectionString;
    private readonly TableServiceClient _tables;

    public AzureCluster(string connectionString)
    {
        _connectionString = connectionString;
        _tables = Create(connectionString, new());
    }

    /// <summary>Whether a text is a connection string or an address of tables of Azure Storage.</summary>
    public static bool CanRead(string text)
    {
        if (text.Length == 0) return false;
        try
        {
            Create(text, new());
            return true;
        }
        catch (Exception fault) when (fault is ArgumentException or FormatException or InvalidOperationException)
        {
            return false;
        }
    }

    public override async Task ConnectAsync(CancellationToken cancellationToken)
    {
        var options = new TableClientOptions();
        options.Retry.MaxRetries = ConnectRetriesMax;
        options.Retry.Mode = RetryMode.Fixed;
        options.Retry.NetworkTimeout = ConnectTimeout;
        var tables = Create(_connectionString, options);
        try
        {
            await foreach (var page in tables.QueryAsync(maxPerPage: 1, cancellationToken: cancellationToken).AsPages())
            {
                if (page.Values.Count >= 0) break;
            }
        }
        catch (Exception fault) when (!cancellationToken.IsCancellationRequested && Reason(fault) is not null)
        {
            throw Unusable($"Azure Storage at {tables.Uri.GetLeftPart(UriPartial.Path)}", Reason(fault)!, fault);
        }
    }

    public override void AddTo(ISiloBuilder silo) => silo
        .UseAzureStorageClustering(azure => azure.TableServiceClient = _tables)
        .UseAzureTableReminderService(azure => azure.TableServiceClient = _tables)
        .AddAzureTableGrainStorageAsDefault(azure => azure.TableServiceClient = _tables);

    public override void AddClientTo(IServiceCollection services) =>
        services.AddKeyedSingleton(ClusterLookup.ServiceKey, _tables);

    // An address may bring a shared access signature along. It must not stay in the address, which is logged.
    private static TableServiceClient Create(string text, TableClientOptions options)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var address) || address.Scheme != Uri.UriSchemeHttps)
            return new TableServiceClient(text, options);
        return address.Query.Length > 1
            ? new TableServiceClient(
                new Uri(address.GetLeftPart(UriPartial.Path)), new AzureSasCredential(address.Query[1..]), options)
            : new TableServiceClient(address, new DefaultAzureCredential(), options);
    }

    private static string? Reason(Exception fault) => fault switch
    {
        RequestFailedException { Status: > 0 } request => $"it answers {request.Status} {request.ErrorCode}",
        RequestFailedException or AuthenticationFailedException => fault.Message,
        OperationCanceledException => $"no answer within {ConnectTimeout.TotalSeconds} s",
        AggregateException many => many.InnerExceptions.Select(Reason).FirstOrDefault(),
        _ => null,
    };
}
