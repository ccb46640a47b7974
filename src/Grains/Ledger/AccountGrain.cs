using System.Runtime.CompilerServices;
using System.Text.Json;
using Granary.Contracts;
using Granary.Runtime;

namespace Granary.Grains;

/// <summary>Decides what may happen to an account. A refusal is an answer, not an error, and changes nothing.</summary>
[GrainType("account")]
internal sealed class AccountGrain : AggregateGrain<AccountState, IAccountEvent>, IAccountGrain
{
    // Far beyond any account, and so far below what a decimal holds that no sum can overflow.
    public const decimal AmountMax = 1_000_000_000_000_000m;

    private const int OwnerLengthMax = 200;

    public Task<AccountAnswer> Open(OpenAccount command) => DecideAsync(command.CommandId, command, () =>
    {
        if (State.Status != AccountStatus.None)
            return Refuse(RefusalCodes.AlreadyOpen, "The account was opened before.");
        if (string.IsNullOrWhiteSpace(command.Owner) || command.Owner.Length > OwnerLengthMax)
            return Refuse(RefusalCodes.InvalidAccount, $"The owner is a name of 1 to {OwnerLengthMax} characters.");
        if (!Currencies.IsKnown(command.Currency))
            return Refuse(RefusalCodes.InvalidAccount, "The currency is an ISO 4217 code in capitals, as in EUR.");
        if (command.OverdraftLimit is < 0 or > AmountMax || !Currencies.Fits(command.OverdraftLimit, command.Currency))
            return Refuse(RefusalCodes.InvalidAmount, "The overdraft limit is zero or positive, in whole minor units.");
        return Raise(new AccountOpened(
            command.Owner, command.Currency, Currencies.InMinorUnits(command.OverdraftLimit, command.Currency)));
    });

    public Task<AccountAnswer> Deposit(MoveMoney command) => DecideAsync(command.CommandId, command, () =>
    {
        if (RefusalOf(command) is { } refusal) return refusal;
        return State.Balance + command.Amount > AmountMax
            ? Refuse(RefusalCodes.InvalidAmount, $"An account holds at most {AmountMax}.")
            : Raise(new MoneyDeposited(InMinorUnits(command.Amount)));
    });

    public Task<AccountAnswer> Withdraw(MoveMoney command) => DecideAsync(command.CommandId, command, () =>
    {
        if (RefusalOf(command) is { } refusal) return refusal;
        return State.Balance + State.OverdraftLimit < command.Amount
            ? Refuse(
                RefusalCodes.InsufficientFunds,
                $"Balance {State.Balance} and overdraft limit {State.OverdraftLimit} do not cover {command.Amount}.")
            : Raise(new MoneyWithdrawn(InMinorUnits(command.Amount)));
    });

    public Task<AccountAnswer> Refund(MoveMoney command) => DecideAsync(command.CommandId, command, () =>
    {
        if (State.Status == AccountStatus.None) return RefuseNotOpen();
        return RefusalOfAmount(command) ?? Raise(new MoneyDeposited(InMinorUnits(command.Amount)));
    });

    public Task<AccountAnswer> Close(CloseAccount command) => DecideAsync(command.CommandId, command, () =>
    {
        if (State.Status != AccountStatus.Open) return RefuseNotOpen();
        return State.Balance != 0
            ? Refuse(RefusalCodes.NotEmpty, $"The account holds {State.Balance}; only an empty one can be closed.")
            : Raise(new AccountClosed());
    });

    public async Task<AccountView> Get()
    {
        await RefreshIfMovedAsync();
        return View(State, Version);
    }

    private async Task<AccountAnswer> DecideAsync<TCommand>(
        string? id, TCommand command, Func<AccountAnswer> decide, [CallerMemberName] string kind = "")
        where TCommand : notnull
    {
        // The kind of command is part of its content: a deposit and a withdrawal are the same otherwise.
        var content = new { Kind = kind, Command = command };
        var answer = await ExecuteAsync(Command.Of(id, JsonSerializer.SerializeToUtf8Bytes(content)), decide);

        // Of a command that came before, the answer is kept and its position is not: a later one has passed it, too.
        return Position.Position > GlobalPosition.Zero ? answer with { Position = Position } : answer;
    }

    private AccountAnswer? RefusalOf(MoveMoney command)
    {
        return State.Status == AccountStatus.Open ? RefusalOfAmount(command) : RefuseNotOpen();
    }

    private AccountAnswer? RefusalOfAmount(MoveMoney command)
    {
        if (command.Currency != State.Currency)
            return Refuse(RefusalCodes.CurrencyMismatch, $"The account is in {State.Currency}.");
        return command.Amount is <= 0 or > AmountMax || !Currencies.Fits(command.Amount, State.Currency)
            ? Refuse(RefusalCodes.InvalidAmount, $"An amount is positive, in whole minor units of {State.Currency}.")
            : null;
    }

    private decimal InMinorUnits(decimal amount) => Currencies.InMinorUnits(amount, State.Currency);

    private AccountAnswer RefuseNotOpen() => Refuse(
        RefusalCodes.NotOpen,
        State.Status == AccountStatus.Closed ? "The account is closed." : "The account was never opened.");

    private AccountAnswer Refuse(string code, string reason) => new(View(State, Version), code, reason);

    private AccountAnswer Raise(IAccountEvent @event)
    {
        RaiseEvent(@event, [new(LedgerMetadata.Currency, CurrencyOf(@event))]);
        return new(View(TentativeState, Version + 1));
    }

    private string CurrencyOf(IAccountEvent @event) =>
        @event is AccountOpened opened ? opened.Currency : State.Currency;

    private AccountView View(AccountState state, long version) => new(
        this.GetPrimaryKeyString(), state.Status, state.Owner, state.Currency,
        state.Currency.Length == 0 ? state.Balance : Currencies.InMinorUnits(state.Balance, state.Currency),
        state.OverdraftLimit, version);
}
