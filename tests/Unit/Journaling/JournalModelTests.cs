using CsCheck;

namespace Granary.Tests.Unit.Journaling;

/// <summary>
/// Random interleavings of what a grain does, what other writers do, and what the store does. A failure shows the
/// shortest history found and its seed.
/// </summary>
public sealed class JournalModelTests
{
    private const int Histories = 3_000;

    [Fact]
    public void Whatever_interleaves_a_journal_keeps_its_promises() => Gen.Int[0, 419].Array[5, 80].Sample(
        static steps =>
        {
            using var model = new JournalModel();
            model.Play(steps);
        },
        iter: Histories,
        threads: 1);
}
