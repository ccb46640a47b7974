namespace GranaryApp._1.Accounts;

/// <summary>An account. The id of a command makes it safe to send again; null where it is sent once.</summary>
[Alias("GranaryApp._1.IAccountGrain")]
public interface IAccountGrain : IGrainWithStringKey
{
    [Alias("Deposit")] Task<AccountAnswer> Deposit(string? commandId, decimal amount);

    [Alias("Withdraw")] Task<AccountAnswer> Withdraw(string? commandId, decimal amount);

    [Alias("Get")] Task<AccountAnswer> Get();
}

/// <summary>Whether the command was accepted, and the balance after it.</summary>
[GenerateSerializer, Alias("GranaryApp._1.AccountAnswer")]
public sealed record AccountAnswer(
    [property: Id(0)] bool Accepted, [property: Id(1)] decimal Balance, [property: Id(2)] string? Reason = null);
