namespace Granary.Tests.Unit.Projections;

internal interface IAccountEvent;

internal interface IMoved
{
    int Amount { get; }
}

internal interface IAudited;

[Alias("projected.opened")]
internal sealed record Opened(string Owner) : IAccountEvent;

internal abstract record Moved(int Amount) : IAccountEvent, IMoved;

[Alias("projected.deposited")]
internal sealed record Deposited(int Amount) : Moved(Amount);

[Alias("projected.withdrawn")]
internal sealed record Withdrawn(int Amount) : Moved(Amount), IAudited;

[Alias("projected.closed")]
internal sealed record Closed : IAccountEvent;

[Alias("projected.transferred")]
internal sealed record Transferred(string[] Accounts, int Amount) : IAccountEvent;

/// <summary>An event that no projection takes.</summary>
[Alias("projected.other")]
internal sealed record Other : IAccountEvent;

internal sealed record Account
{
    public string Owner { get; set; } = "";

    public int Balance { get; set; }

    public List<string> Seen { get; set; } = [];
}
