namespace Granary.Storage.AzureStorage;

/// <summary>What the service answered, without secrets.</summary>
/// <param name="message">What it said.</param>
/// <param name="status">The status of the answer; 0 where there was none.</param>
/// <param name="errorCode">The service's code; null where there was none.</param>
internal sealed class AzureFault(string message, int status, string? errorCode) : Exception(message)
{
    public int Status => status;

    public string? ErrorCode => errorCode;
}
