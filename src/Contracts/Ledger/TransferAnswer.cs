namespace Granary.Contracts;

/// <summary>Asks for a transfer.</summary>
/// <param name="From">The account that pays.</param>
/// <param name="To">The account that is paid.</param>
/// <param name="Amount">How much; positive, within the minor unit of the accounts' currency.</param>
/// <param name="CommandId">The command's own id, where it may be sent again; at most 200 characters.</param>
[GenerateSerializer, Immutable, Alias("granary.RequestTransfer")]
public sealed record RequestTransfer(
    [property: Id(0)] string From,
    [property: Id(1)] string To,
    [property: Id(2)] decimal Amount,
    [property: Id(3)] string? CommandId = null);

/// <summary>The result of asking for a transfer.</summary>
/// <param name="Transfer">The transfer after it.</param>
/// <param name="Refusal">One of <see cref="RefusalCodes"/> where it was refused and changed nothing, else null.</param>
/// <param name="Reason">The refusal in words, else null.</param>
[GenerateSerializer, Immutable, Alias("granary.TransferAnswer")]
public sealed record TransferAnswer(
    [property: Id(0)] TransferView Transfer,
    [property: Id(1)] string? Refusal = null,
    [property: Id(2)] string? Reason = null)
{
    /// <summary>
    /// The position of the transfer's last event: models that have passed it have seen the request. Null where there
    /// is none.
    /// </summary>
    [Id(3)] public LogPosition? Position { get; init; }
}

/// <summary>The present state of a transfer.</summary>
/// <param name="Id">Its key.</param>
/// <param name="Status">How far it is.</param>
/// <param name="From">The account that pays; empty before it is asked for.</param>
/// <param name="To">The account that is paid; empty before it is asked for.</param>
/// <param name="Amount">How much.</param>
/// <param name="Currency">The currency of both accounts; empty before it is asked for.</param>
/// <param name="Refusal">Why an account refused, one of <see cref="RefusalCodes"/>, else null.</param>
/// <param name="Reason">The refusal in words, else null.</param>
[GenerateSerializer, Immutable, Alias("granary.TransferView")]
public sealed record TransferView(
    [property: Id(0)] string Id,
    [property: Id(1)] TransferStatus Status,
    [property: Id(2)] string From,
    [property: Id(3)] string To,
    [property: Id(4)] decimal Amount,
    [property: Id(5)] string Currency,
    [property: Id(6)] string? Refusal = null,
    [property: Id(7)] string? Reason = null);

/// <summary>How far a transfer is.</summary>
[GenerateSerializer, Alias("granary.TransferStatus")]
public enum TransferStatus
{
    /// <summary>Never asked for.</summary>
    None,

    /// <summary>Asked for; nothing has moved.</summary>
    Requested,

    /// <summary>Taken from the account that pays, and not paid yet.</summary>
    Debited,

    /// <summary>Paid. The end.</summary>
    Completed,

    /// <summary>The account that pays refused; nothing has moved. The end.</summary>
    Rejected,

    /// <summary>The account that is paid refused, and the amount is on its way back.</summary>
    Refunding,

    /// <summary>The amount is back. The end.</summary>
    Refunded,
}
