using System.Text.Json.Serialization;
using Granary.Contracts;

namespace Granary.Grains;

/// <summary>The transfers that have not ended.</summary>
[Projection("open_transfers")]
internal sealed class OpenTransfers : Projection<OpenTransfer>
{
    public OpenTransfers()
    {
        Categories("transfer");
        Column(static one => one.From, "from_account");
        Column(static one => one.To, "to_account");
        Column(static one => one.Status);
        Column(static one => one.RequestedAt);
    }

    public OpenTransfer Create(TransferRequested requested, RecordedEvent recorded) => new(
        requested.From, requested.To, requested.Amount, requested.Currency, TransferStatus.Requested,
        recorded.Timestamp);

    public OpenTransfer Apply(OpenTransfer transfer, TransferDebited debited) =>
        transfer with { Status = TransferStatus.Debited };

    public OpenTransfer Apply(OpenTransfer transfer, TransferCreditRefused refused) =>
        transfer with { Status = TransferStatus.Refunding };

    public void Delete(TransferCompleted completed)
    {
    }

    public void Delete(TransferRejected rejected)
    {
    }

    public void Delete(TransferRefunded refunded)
    {
    }
}

/// <summary>A transfer that has not ended; the key is the transfer's.</summary>
internal sealed record OpenTransfer(
    string From,
    string To,
    decimal Amount,
    string Currency,
    // As text, as its column has it.
    [property: JsonConverter(typeof(JsonStringEnumConverter<TransferStatus>))] TransferStatus Status,
    DateTimeOffset RequestedAt);
