using Granary.Runtime;

namespace Granary.Tests.Unit.Journaling;

/// <summary>After a fault a grain shows what is stored, or fails.</summary>
public sealed class TruthTests
{
    private readonly ManualStore _store = new();

    [Fact]
    public void A_state_that_a_stored_event_was_applied_to_in_part_is_not_shown()
    {
        using var grain = WordGrain.Activate(_store);
        grain.Raise("stored");
        var confirmed = grain.Confirm();
        grain.Applying = ThrowHalfway;
        grain.Commit();

        Assert.IsType<ReplayFailedException>(confirmed.Exception?.InnerException);
        Assert.Throws<ReplayFailedException>(() => grain.Confirmed);
        Assert.Throws<ReplayFailedException>(() => grain.Tentative);
        Assert.Throws<ReplayFailedException>(() => grain.Journal.ConfirmedState);
    }

    [Fact]
    public void A_state_that_another_writers_event_was_applied_to_in_part_is_not_shown()
    {
        using var grain = WordGrain.Activate(_store);
        _store.AppendElsewhere(WordGrain.Stream, "other");
        grain.Applying = ThrowHalfway;
        var refreshed = grain.Refresh();

        Assert.IsType<ReplayFailedException>(refreshed.Exception?.InnerException);
        Assert.Throws<ReplayFailedException>(() => grain.Confirmed);
        Assert.Throws<ReplayFailedException>(() => grain.Tentative);
    }

    [Fact]
    public void A_clearing_that_is_answered_with_a_conflict_is_made_again()
    {
        using var grain = WordGrain.Activate(_store);
        _store.AppendElsewhere(WordGrain.Stream, "other");
        var cleared = grain.Clear();
        grain.Conflict();
        Assert.False(cleared.IsCompleted);
        grain.Commit();

        Assert.True(cleared.IsCompletedSuccessfully);
        Assert.Empty(_store.WordsOf(WordGrain.Stream));
    }

    [Fact]
    public void A_clearing_that_is_answered_with_conflicts_without_end_fails()
    {
        using var grain = WordGrain.Activate(_store, new JournalOptions { ConflictsMax = 3 });
        _store.AppendElsewhere(WordGrain.Stream, "other");
        var cleared = grain.Clear();
        for (var conflicts = 0; conflicts < 4; conflicts++) grain.Conflict();

        Assert.IsType<WrongExpectedVersionException>(cleared.Exception?.InnerException);
        Assert.NotNull(grain.Context.Deactivation);
    }

    private static void ThrowHalfway(Words view, string word)
    {
        view.All.Add("half of it");
        throw new InvalidOperationException("Not the second time.");
    }
}
