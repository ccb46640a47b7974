namespace Granary.Contracts;

/// <summary>
/// A transfer of money between two accounts. Once it is asked for it completes or is refunded or rejected, exactly
/// once.
/// </summary>
[Alias("granary.ITransferGrain")]
public interface ITransferGrain : IGrainWithStringKey
{
    /// <summary>Asks for the transfer. It is answered when that is recorded; the money moves later.</summary>
    [Alias("Request")]
    Task<TransferAnswer> Request(RequestTransfer command);

    /// <summary>The transfer as it is.</summary>
    [Alias("Get")]
    Task<TransferView> Get();
}
