namespace Granary.Contracts;

/// <summary>What can happen to a transfer.</summary>
public interface ITransferEvent;

/// <summary>The transfer was asked for. Nothing has moved yet.</summary>
/// <param name="From">The account that pays.</param>
/// <param name="To">The account that is paid.</param>
/// <param name="Amount">How much.</param>
/// <param name="Currency">The currency of both accounts.</param>
[GenerateSerializer, Immutable, Alias("transfer-requested")]
public sealed record TransferRequested(
    [property: Id(0)] string From,
    [property: Id(1)] string To,
    [property: Id(2)] decimal Amount,
    [property: Id(3)] string Currency) : ITransferEvent;

/// <summary>The amount was taken from the account that pays.</summary>
[GenerateSerializer, Immutable, Alias("transfer-debited")]
public sealed record TransferDebited : ITransferEvent;

/// <summary>The account that pays refused: nothing has moved, and the transfer has ended.</summary>
/// <param name="Refusal">One of <see cref="RefusalCodes"/>.</param>
/// <param name="Reason">The refusal in words.</param>
[GenerateSerializer, Immutable, Alias("transfer-rejected")]
public sealed record TransferRejected([property: Id(0)] string Refusal, [property: Id(1)] string Reason)
    : ITransferEvent;

/// <summary>The amount was paid to the account that is paid.</summary>
[GenerateSerializer, Immutable, Alias("transfer-credited")]
public sealed record TransferCredited : ITransferEvent;

/// <summary>The transfer has ended well.</summary>
[GenerateSerializer, Immutable, Alias("transfer-completed")]
public sealed record TransferCompleted : ITransferEvent;

/// <summary>The account that is paid refused: the amount goes back.</summary>
/// <param name="Refusal">One of <see cref="RefusalCodes"/>.</param>
/// <param name="Reason">The refusal in words.</param>
[GenerateSerializer, Immutable, Alias("transfer-credit-refused")]
public sealed record TransferCreditRefused([property: Id(0)] string Refusal, [property: Id(1)] string Reason)
    : ITransferEvent;

/// <summary>The amount was paid back to the account that pays, and the transfer has ended.</summary>
[GenerateSerializer, Immutable, Alias("transfer-refunded")]
public sealed record TransferRefunded : ITransferEvent;
