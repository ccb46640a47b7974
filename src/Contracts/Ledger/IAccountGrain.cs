namespace Granary.Contracts;

/// <summary>
/// An account of the ledger. A command with an id may be sent again: it has one effect and one answer.
/// </summary>
[Alias("granary.IAccountGrain")]
public interface IAccountGrain : IGrainWithStringKey
{
    /// <summary>Opens the account.</summary>
    [Alias("Open")]
    Task<AccountAnswer> Open(OpenAccount command);

    /// <summary>Pays an amount in.</summary>
    [Alias("Deposit")]
    Task<AccountAnswer> Deposit(MoveMoney command);

    /// <summary>Pays an amount out, within balance and overdraft limit.</summary>
    [Alias("Withdraw")]
    Task<AccountAnswer> Withdraw(MoveMoney command);

    /// <summary>
    /// Pays back what a transfer has taken. A closed account takes it too, and so does one that holds the most it can:
    /// what was taken must not be lost.
    /// </summary>
    [Alias("Refund")]
    Task<AccountAnswer> Refund(MoveMoney command);

    /// <summary>Closes the account, which must hold exactly zero.</summary>
    [Alias("Close")]
    Task<AccountAnswer> Close(CloseAccount command);

    /// <summary>The account as it is.</summary>
    [Alias("Get")]
    Task<AccountView> Get();
}
