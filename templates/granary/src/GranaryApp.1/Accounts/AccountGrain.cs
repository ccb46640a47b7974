using Granary.Runtime;

namespace GranaryApp._1.Accounts;

/// <summary>Decides. The grain type is the category of its streams in the log: account/ada.</summary>
[GrainType("account")]
public sealed class AccountGrain : AggregateGrain<AccountState, AccountEvent>, IAccountGrain
{
    public Task<AccountAnswer> Deposit(string? commandId, decimal amount) =>
        // The content is hashed beside the id, so that an id that is used for two commands is an error.
        ExecuteAsync(Command.Of(commandId, ("deposit", amount)), () =>
        {
            if (amount <= 0) return Refused("The amount must be positive.");
            RaiseEvent(new Deposited(amount));
            return new AccountAnswer(true, TentativeState.Balance);
        });

    public Task<AccountAnswer> Withdraw(string? commandId, decimal amount) =>
        ExecuteAsync(Command.Of(commandId, ("withdraw", amount)), () =>
        {
            if (amount <= 0) return Refused("The amount must be positive.");
            if (State.Balance < amount) return Refused("The balance does not suffice.");
            RaiseEvent(new Withdrawn(amount));
            return new AccountAnswer(true, TentativeState.Balance);
        });

    public Task<AccountAnswer> Get() => Task.FromResult(new AccountAnswer(true, State.Balance));

    private AccountAnswer Refused(string reason) => new(false, State.Balance, reason);
}
