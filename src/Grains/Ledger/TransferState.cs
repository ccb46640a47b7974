using Granary.Contracts;

namespace Granary.Grains;

/// <summary>A transfer, folded from its events.</summary>
[GenerateSerializer, Alias("granary.TransferState")]
internal sealed class TransferState
{
    [Id(0)] public TransferStatus Status { get; private set; }

    [Id(1)] public string From { get; private set; } = "";

    [Id(2)] public string To { get; private set; } = "";

    [Id(3)] public decimal Amount { get; private set; }

    [Id(4)] public string Currency { get; private set; } = "";

    [Id(5)] public string? Refusal { get; private set; }

    [Id(6)] public string? Reason { get; private set; }

    public void Apply(TransferRequested requested) =>
        (Status, From, To, Amount, Currency) =
        (TransferStatus.Requested, requested.From, requested.To, requested.Amount, requested.Currency);

    public void Apply(TransferDebited _) => Status = TransferStatus.Debited;

    public void Apply(TransferRejected rejected) =>
        (Status, Refusal, Reason) = (TransferStatus.Rejected, rejected.Refusal, rejected.Reason);

    // The next event of the same append says that it has ended.
    public void Apply(TransferCredited _)
    {
    }

    public void Apply(TransferCompleted _) => Status = TransferStatus.Completed;

    public void Apply(TransferCreditRefused refused) =>
        (Status, Refusal, Reason) = (TransferStatus.Refunding, refused.Refusal, refused.Reason);

    public void Apply(TransferRefunded _) => Status = TransferStatus.Refunded;
}
