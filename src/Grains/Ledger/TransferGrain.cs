using System.Text.Json;
using Granary.Contracts;
using Granary.Runtime;

namespace Granary.Grains;

/// <summary>
/// Leads a transfer: each of its events is recorded before the command that follows from it is sent, and that command
/// is sent until its outcome is recorded.
/// </summary>
[GrainType("transfer")]
internal sealed class TransferGrain : ProcessManager<TransferState, ITransferEvent>, ITransferGrain
{
    public async Task<TransferAnswer> Request(RequestTransfer command)
    {
        // An account's currency never changes once it is open. Whatever else changes meanwhile, the debit and the
        // credit decide on it.
        var from = await FindAccountAsync(command.From);
        var to = command.From == command.To ? from : await FindAccountAsync(command.To);
        await RefreshIfMovedAsync();

        // What was never asked for and is refused writes no event.
        if (State.Status == TransferStatus.None && FindRefusal(command, from, to) is { } refused) return refused;
        var answer = await ExecuteAsync(CommandOf(command), () => Decide(command, from, to));

        // Of a request that came before, the answer is kept and its position is not: a later one has passed it, too.
        return Position.Position > GlobalPosition.Zero ? answer with { Position = Position } : answer;
    }

    public async Task<TransferView> Get()
    {
        await RefreshIfMovedAsync();
        return View(State);
    }

    public async Task On(TransferRequested requested, ProcessContext context)
    {
        if (State.Status != TransferStatus.Requested) return;
        var answer = await Account(requested.From).Withdraw(Move(context, "debit"));
        await RecordAsync(context, answer.Refusal is { } refusal
            ? new TransferRejected(refusal, answer.Reason ?? refusal)
            : new TransferDebited());
    }

    public async Task On(TransferDebited debited, ProcessContext context)
    {
        if (State.Status != TransferStatus.Debited) return;
        var answer = await Account(State.To).Deposit(Move(context, "credit"));
        if (answer.Refusal is { } refusal)
            await RecordAsync(context, new TransferCreditRefused(refusal, answer.Reason ?? refusal));
        else
            await RecordAsync(context, new TransferCredited(), new TransferCompleted());
    }

    public async Task On(TransferCreditRefused refused, ProcessContext context)
    {
        if (State.Status != TransferStatus.Refunding) return;
        var answer = await Account(State.From).Refund(Move(context, "refund"));
        if (answer.Refusal is not null)
            throw new InvalidOperationException(
                $"Account {State.From} refuses what was taken from it: {answer.Reason} Retry the parked transfer once "
                + "that is put right.");
        await RecordAsync(context, new TransferRefunded());
    }

    private TransferAnswer Decide(RequestTransfer command, AccountView? from, AccountView? to)
    {
        if (State.Status != TransferStatus.None)
            return Refuse(RefusalCodes.AlreadyRequested, "The transfer was asked for before.");
        if (FindRefusal(command, from, to) is { } refused) return refused;
        RaiseEvent(new TransferRequested(
            from!.Id, to!.Id, Currencies.InMinorUnits(command.Amount, from.Currency), from.Currency));
        return new TransferAnswer(View(TentativeState));
    }

    private TransferAnswer? FindRefusal(RequestTransfer command, AccountView? from, AccountView? to)
    {
        if (command.From == command.To)
            return Refuse(RefusalCodes.SameAccount, "A transfer is between two accounts; name another one.");
        if (from is not { Status: AccountStatus.Open })
            return Refuse(RefusalCodes.NotOpen, $"There is no open account {command.From} to pay from.");
        if (to is not { Status: AccountStatus.Open })
            return Refuse(RefusalCodes.NotOpen, $"There is no open account {command.To} to pay to.");
        if (from.Currency != to.Currency)
            return Refuse(
                RefusalCodes.CurrencyMismatch,
                $"Account {from.Id} is in {from.Currency}, and account {to.Id} in {to.Currency}.");
        return command.Amount is <= 0 or > AccountGrain.AmountMax || !Currencies.Fits(command.Amount, from.Currency)
            ? Refuse(RefusalCodes.InvalidAmount, $"An amount is positive, in whole minor units of {from.Currency}.")
            : null;
    }

    private async Task<AccountView?> FindAccountAsync(string id) =>
        !string.IsNullOrWhiteSpace(id) && StreamName.TryCreate("account", id, out _, out _)
            ? await Account(id).Get()
            : null;

    private static Command CommandOf(RequestTransfer command) =>
        Command.Of(command.CommandId, JsonSerializer.SerializeToUtf8Bytes(command).AsSpan());

    private IAccountGrain Account(string id) => GrainFactory.GetGrain<IAccountGrain>(id);

    private MoveMoney Move(ProcessContext context, string name) =>
        new(State.Amount, State.Currency, context.CommandId(name));

    private TransferAnswer Refuse(string code, string reason) => new(View(State), code, reason);

    private TransferView View(TransferState state) => new(
        this.GetPrimaryKeyString(), state.Status, state.From, state.To, state.Amount, state.Currency, state.Refusal,
        state.Reason);
}
