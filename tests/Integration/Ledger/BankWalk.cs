namespace Granary.Tests.Integration;

/// <summary>
/// Walks through the log of a bank, event by event, and checks after each that money was neither made nor lost: what is
/// on the accounts and what is under way come to what was paid in. Every transfer has an amount of its own, so that
/// each movement says which one it belongs to.
/// </summary>
/// <remarks>
/// Between two partitions there is no order but that of cause and effect. So an event is taken once what it follows
/// from was taken, and each partition's events in their order. Where none can be taken, the log has one that must not
/// be there: a movement twice, one without its cause, or one before it.
/// </remarks>
internal sealed class BankWalk
{
    private static readonly Dictionary<(string Event, BankStep From), BankStep> Steps = new()
    {
        [("transfer-rejected", BankStep.Requested)] = BankStep.Rejected,
        [("transfer-debited", BankStep.Withdrawn)] = BankStep.Debited,
        [("transfer-credited", BankStep.Paid)] = BankStep.Credited,
        [("transfer-completed", BankStep.Credited)] = BankStep.Completed,
        [("transfer-credit-refused", BankStep.Debited)] = BankStep.Refused,
        [("transfer-refunded", BankStep.PaidBack)] = BankStep.Refunded,
    };

    private readonly Dictionary<string, decimal> _balances = [];
    private readonly Dictionary<string, BankTransfer> _byId = [];
    private readonly Dictionary<decimal, BankTransfer> _byAmount = [];
    private decimal _paidIn;
    private decimal _underWay;

    /// <summary>The transfers by their ids, each at its last step.</summary>
    public IReadOnlyDictionary<string, BankTransfer> Transfers => _byId;

    /// <summary>How many events were taken, and the sum checked.</summary>
    public int Taken { get; private set; }

    /// <summary>Walks through a whole log.</summary>
    public void Run(LedgerLog log)
    {
        var waiting = log.Partitions.Select(static one => new Queue<LedgerEvent>(one)).ToArray();
        while (Array.Exists(waiting, static one => one.Count > 0))
        {
            var before = Taken;
            foreach (var partition in waiting) TakeAll(partition);
            Assert.True(before < Taken, "None of these can follow on what came before:\n" + string.Join(
                '\n', waiting.Where(static one => one.Count > 0).Select(static one => one.Peek())));
        }
    }

    private void TakeAll(Queue<LedgerEvent> partition)
    {
        while (partition.TryPeek(out var next) && TryTake(next))
        {
            partition.Dequeue();
            Taken++;
            var onAccounts = _balances.Values.Sum();
            Assert.True(
                onAccounts + _underWay == _paidIn && _underWay >= 0,
                $"After {next} there are {onAccounts} on the accounts and {_underWay} under way, of {_paidIn}.");
        }
    }

    private bool TryTake(LedgerEvent one) => one.Type switch
    {
        "granary.command-answered" => true,
        "account-opened" => _balances.TryAdd(one.Key, 0),
        "account-closed" => _balances[one.Key] == 0,
        "money-deposited" => TryDeposit(one),
        "money-withdrawn" => TryWithdraw(one),
        "transfer-requested" => TryRequest(one),
        _ => _byId.TryGetValue(one.Key, out var transfer)
            && Steps.TryGetValue((one.Type, transfer.Step), out var next) && Move(transfer, next),
    };

    private bool TryRequest(LedgerEvent one)
    {
        var transfer = new BankTransfer(one.Key, (string)one.Data["from"]!, (string)one.Data["to"]!, one.Amount);
        if (!_byId.TryAdd(one.Key, transfer)) return false;
        Assert.True(_byAmount.TryAdd(one.Amount, transfer), $"Asked for twice: {one}");
        return true;
    }

    private bool TryWithdraw(LedgerEvent one)
    {
        if (!_byAmount.TryGetValue(one.Amount, out var transfer)
            || transfer.From != one.Key || transfer.Step != BankStep.Requested
            || _balances[one.Key] < one.Amount) return false;
        _balances[one.Key] -= one.Amount;
        _underWay += one.Amount;
        return Move(transfer, BankStep.Withdrawn);
    }

    private bool TryDeposit(LedgerEvent one)
    {
        if (one.Amount == Bank.Opening)
        {
            // It is the account's second event, or it was paid in twice.
            if (one.Version != 2) return false;
            _balances[one.Key] += one.Amount;
            _paidIn += one.Amount;
            return true;
        }

        if (!_byAmount.TryGetValue(one.Amount, out var transfer)) return false;
        var next = transfer.Step switch
        {
            BankStep.Debited when transfer.To == one.Key => BankStep.Paid,
            BankStep.Refused when transfer.From == one.Key => BankStep.PaidBack,
            _ => BankStep.None,
        };
        if (next == BankStep.None) return false;
        _balances[one.Key] += one.Amount;
        _underWay -= one.Amount;
        return Move(transfer, next);
    }

    private static bool Move(BankTransfer transfer, BankStep next)
    {
        transfer.Step = next;
        return true;
    }
}

/// <summary>A transfer as the log has it.</summary>
internal sealed class BankTransfer(string id, string from, string to, decimal amount)
{
    public string Id => id;

    public string From => from;

    public string To => to;

    public decimal Amount => amount;

    public BankStep Step { get; set; } = BankStep.Requested;
}

/// <summary>How far a transfer is, each movement of money being a step.</summary>
internal enum BankStep
{
    None,
    Requested,
    Rejected,
    Withdrawn,
    Debited,
    Paid,
    Credited,
    Completed,
    Refused,
    PaidBack,
    Refunded,
}
