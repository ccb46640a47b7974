namespace Granary.Tests.Conformance.Azure.Faults;

/// <summary>How an append of a writer was answered.</summary>
/// <param name="Writer">The writer.</param>
/// <param name="Append">What it appended.</param>
/// <param name="Answer">The answer.</param>
internal sealed record Said(string Writer, Append Append, AppendResult Answer)
{
    public bool IsConfirmed => Answer.Outcome != AppendOutcome.Conflict;
}
