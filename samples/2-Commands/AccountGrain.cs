using Granary.Runtime;

namespace Granary.Samples.Commands;

/// <summary>An account, whose callers give each command an id so that they may send it again.</summary>
[Alias("samples.IAccountGrain")]
public interface IAccountGrain : IGrainWithStringKey
{
    /// <summary>Pays in.</summary>
    [Alias("Deposit")] Task<Receipt> Deposit(string commandId, decimal amount);

    /// <summary>Pays out, where the balance suffices.</summary>
    [Alias("Withdraw")] Task<Receipt> Withdraw(string commandId, decimal amount);
}

/// <summary>The answer to a command.</summary>
[GenerateSerializer, Alias("samples.Receipt")]
public sealed record Receipt([property: Id(0)] bool Accepted, [property: Id(1)] decimal Balance);

/// <summary>The base of an account's events.</summary>
public abstract record AccountEvent;

/// <summary>Money was paid in.</summary>
[GenerateSerializer, Alias("deposited")]
public sealed record Deposited([property: Id(0)] decimal Amount) : AccountEvent;

/// <summary>Money was paid out.</summary>
[GenerateSerializer, Alias("withdrawn")]
public sealed record Withdrawn([property: Id(0)] decimal Amount) : AccountEvent;

/// <summary>The account's state.</summary>
[GenerateSerializer, Alias("samples.AccountState")]
public sealed class AccountState
{
    /// <summary>What was paid in and not paid out.</summary>
    [Id(0)] public decimal Balance { get; set; }

    /// <summary>Folds a deposit.</summary>
    public void Apply(Deposited deposited) => Balance += deposited.Amount;

    /// <summary>Folds a withdrawal.</summary>
    public void Apply(Withdrawn withdrawn) => Balance -= withdrawn.Amount;
}

/// <summary>Decides on commands: one whose id it has seen gets the first answer and has no second effect.</summary>
[GrainType("sample-account")]
public sealed class AccountGrain : AggregateGrain<AccountState, AccountEvent>, IAccountGrain
{
    /// <inheritdoc />
    public Task<Receipt> Deposit(string commandId, decimal amount) =>
        // The content is hashed beside the id, so that an id that is used for two commands is an error.
        ExecuteAsync(Command.Of(commandId, ("deposit", amount)), () =>
        {
            RaiseEvent(new Deposited(amount));
            return new Receipt(true, TentativeState.Balance);
        });

    /// <inheritdoc />
    public Task<Receipt> Withdraw(string commandId, decimal amount) =>
        ExecuteAsync(Command.Of(commandId, ("withdraw", amount)), () =>
        {
            if (State.Balance < amount) return new Receipt(false, State.Balance);
            RaiseEvent(new Withdrawn(amount));
            return new Receipt(true, TentativeState.Balance);
        });
}
