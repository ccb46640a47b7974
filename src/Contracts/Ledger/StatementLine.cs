namespace Granary.Contracts;

/// <summary>The model of one movement of an account in the projection <c>statements</c>.</summary>
/// <param name="Account">The account's id.</param>
/// <param name="Version">The version of the event in the account's stream: its number in the statement.</param>
/// <param name="Amount">What was paid in; negative for what was paid out.</param>
/// <param name="At">When it was recorded.</param>
public sealed record StatementLine(string Account, long Version, decimal Amount, DateTimeOffset At);
