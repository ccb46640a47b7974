using Granary.Runtime;

namespace Granary.Tests.Unit.Projections;

/// <summary>A model for each stream.</summary>
[Projection("accounts")]
internal sealed class Accounts : Projection<Account>
{
    public Accounts()
    {
        Categories("account");
        Column(model => model.Owner);
        Column(model => model.Balance);
    }

    private static Account Create(Opened opened) => new() { Owner = opened.Owner };

    private static void Apply(Account account, Deposited deposited) => account.Balance += deposited.Amount;

    private static void Apply(Account account, Withdrawn withdrawn)
    {
        account.Balance -= withdrawn.Amount;
        if (account.Balance < 0) throw new InvalidOperationException("The account is overdrawn.");
    }

    private static void Delete(Closed _)
    {
    }
}

/// <summary>Models with keys of their own: none, one or many for an event.</summary>
[Projection("movements")]
internal sealed class Movements : Projection<Account>
{
    public Movements()
    {
        Categories("account", "transfer");
        Key<Opened>(static opened => opened.Owner.Length == 0 ? null : opened.Owner);
        Keys<Transferred>(static transferred => transferred.Accounts);
        Keys<Withdrawn>(static _ => null!);
        Key<Closed>(static (_, recorded) => recorded.Stream.Key);
    }

    private static void Apply(Account account, Opened opened) => account.Seen.Add(opened.Owner);

    private static void Apply(Account account, Transferred transferred) => account.Balance += transferred.Amount;

    private static void Apply(Account account, Withdrawn withdrawn) => account.Balance -= withdrawn.Amount;

    private static void Delete(Closed _)
    {
    }
}

/// <summary>A key for a base type, and one for a type that derives from it.</summary>
[Projection("nearest_keys")]
internal sealed class NearestKeys : Projection<Account>
{
    public NearestKeys()
    {
        Categories("account");
        Key<Moved>(static _ => "moves");
        Key<Deposited>(static _ => "deposits");
    }

    private static void Apply(Account account, Moved moved) => account.Seen.Add($"{moved.Amount}");
}

/// <summary>A model that JSON does not read back as it was.</summary>
[Projection("lossy")]
internal sealed class Lossy : Projection<Lossy.Model>
{
    public Lossy() => Categories("account");

    private static void Apply(Model model, Deposited deposited)
    {
        if (deposited.Amount > 1_000_000) model.Text = new string('x', deposited.Amount);
        else model.Add(deposited.Amount);
    }

    internal sealed class Model
    {
        private int _hidden;

        public string Text { get; set; } = "";

        public void Add(int amount) => _hidden += amount;

        public override string ToString() => $"{_hidden}";
    }
}

internal sealed class Upcaster(string type, Func<UpcastEvent, IEnumerable<UpcastEvent>> upcast) : IUpcaster
{
    public string EventType => type;

    public int SchemaVersion => 1;

    public IEnumerable<UpcastEvent> Upcast(UpcastEvent old) => upcast(old);
}
