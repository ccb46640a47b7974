namespace GranaryAppNamespace.Accounts;

/// <summary>What happens to an account. An alias is the event's name in the log: keep it when the class is renamed.</summary>
public abstract record AccountEvent;

[GenerateSerializer, Alias("deposited")]
public sealed record Deposited([property: Id(0)] decimal Amount) : AccountEvent;

[GenerateSerializer, Alias("withdrawn")]
public sealed record Withdrawn([property: Id(0)] decimal Amount) : AccountEvent;
