namespace Granary.Tests.Conformance.Azure.Faults;

/// <summary>What a writer was told about an append.</summary>
/// <param name="Writer">The writer.</param>
/// <param name="Append">What it appended.</param>
/// <param name="Answer">The answer.</param>
internal sealed record Said(string Writer, Append Append, AppendResult Answer)
{
    public bool IsConfirmed => Answer.Outcome != AppendOutcome.Conflict;
}
