namespace GranaryApp._1.Accounts;

/// <summary>What happens to an account. An alias is the name in the log: keep it when a class is renamed.</summary>
public abstract record AccountEvent;

[GenerateSerializer, Alias("deposited")]
public sealed record Deposited([property: Id(0)] decimal Amount) : AccountEvent;

[GenerateSerializer, Alias("withdrawn")]
public sealed record Withdrawn([property: Id(0)] decimal Amount) : AccountEvent;
