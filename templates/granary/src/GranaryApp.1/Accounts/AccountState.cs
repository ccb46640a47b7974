namespace GranaryApp._1.Accounts;

/// <summary>What the events add up to. The serializer lets Granary keep snapshots of it.</summary>
[GenerateSerializer, Alias("GranaryApp._1.AccountState")]
public sealed class AccountState
{
    [Id(0)] public decimal Balance { get; set; }

    public void Apply(Deposited deposited) => Balance += deposited.Amount;

    public void Apply(Withdrawn withdrawn) => Balance -= withdrawn.Amount;
}
