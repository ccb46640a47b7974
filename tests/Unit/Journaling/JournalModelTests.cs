using CsCheck;

namespace Granary.Tests.Unit.Journaling;

/// <summary>
/// Random interleavings of what a grain does, what other writers do, and what the store does. A failure shows the
/// shortest history found and its seed.
/// </summary>
public sealed class JournalModelTests
{
    private const int Histories = 3_000;

    private static readonly Gen<int[]> Steps = Gen.Int[0, 21 * JournalModel.Kinds - 1].Array[5, 80];

    [Fact]
    public void Whatever_interleaves_a_journal_keeps_its_promises() => Steps.Sample(
        static steps =>
        {
            using var model = new JournalModel();
            model.Play(steps);
        },
        iter: Histories,
        threads: 1,
        print: static steps => string.Join(' ', steps));
}
