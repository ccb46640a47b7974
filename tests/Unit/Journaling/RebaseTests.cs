namespace Granary.Tests.Unit.Journaling;

/// <summary>What was raised on a state that another writer has changed since.</summary>
public sealed class RebaseTests
{
    private readonly ManualStore _store = new();

    [Fact]
    public void A_conditional_event_raised_while_a_refresh_reads_is_false_where_another_writer_came_between()
    {
        using var grain = WordGrain.Activate(_store);
        _store.HoldsReads = true;
        var refreshed = grain.Refresh();
        var landed = grain.RaiseConditional("mine");
        _store.AppendElsewhere(WordGrain.Stream, "theirs");
        grain.RunToCompletion();

        Assert.True(refreshed.IsCompletedSuccessfully);
        Assert.False(WordGrain.AnswerOf(landed));
        Assert.Equal(["theirs"], _store.WordsOf(WordGrain.Stream));
        Assert.Equal(["theirs"], grain.Tentative);
    }

    [Fact]
    public void A_conditional_event_raised_while_a_refresh_reads_nothing_new_lands()
    {
        using var grain = WordGrain.Activate(_store);
        _store.HoldsReads = true;
        var refreshed = grain.Refresh();
        var landed = grain.RaiseConditional("mine");
        grain.RunToCompletion();

        Assert.True(refreshed.IsCompletedSuccessfully);
        Assert.True(WordGrain.AnswerOf(landed));
        Assert.Equal(["mine"], _store.WordsOf(WordGrain.Stream));
    }

    [Fact]
    public void An_event_raised_while_a_refresh_reads_that_no_longer_applies_is_refused_and_not_stored()
    {
        using var grain = WordGrain.Activate(_store);
        _store.HoldsReads = true;
        var refreshed = grain.Refresh();
        grain.Raise("!1");
        var confirmed = grain.Confirm();
        _store.AppendElsewhere(WordGrain.Stream, "theirs");
        grain.RunToCompletion();

        Assert.IsType<EventNotApplicableException>(Refusal(confirmed).InnerException);
        Assert.Equal(["theirs"], _store.WordsOf(WordGrain.Stream));
        Assert.True(refreshed.IsCompleted);
        Assert.NotNull(grain.Context.Deactivation);
    }

    [Fact]
    public void A_conditional_event_beside_one_that_no_longer_applies_is_answered()
    {
        using var grain = WordGrain.Activate(_store);
        grain.Raise("!1");
        var landed = grain.RaiseConditional("conditional");
        var confirmed = grain.Confirm();
        _store.AppendElsewhere(WordGrain.Stream, "theirs");
        grain.RunToCompletion();

        Assert.False(WordGrain.AnswerOf(landed));
        Refusal(confirmed);
        Assert.Equal(["theirs"], _store.WordsOf(WordGrain.Stream));
    }

    [Fact]
    public void A_clearing_after_which_an_event_no_longer_applies_is_answered()
    {
        using var grain = WordGrain.Activate(_store);
        grain.Raise("one");
        grain.Confirm();
        grain.RunToCompletion();
        grain.Applying = static (view, word) =>
        {
            if (word == "second" && view.All.Count == 0) throw new InvalidOperationException("It comes second.");
        };
        var cleared = grain.Clear();
        grain.Raise("second");
        var confirmed = grain.Confirm();
        grain.RunToCompletion();

        Assert.True(cleared.IsCompletedSuccessfully);
        Refusal(confirmed);
        Assert.Empty(_store.WordsOf(WordGrain.Stream));
    }

    [Fact]
    public void A_clearing_seen_by_a_refresh_never_shows_an_empty_state_between()
    {
        _store.AppendElsewhere(WordGrain.Stream, "old", "older");
        using var grain = WordGrain.Activate(_store);
        _store.ClearElsewhere(WordGrain.Stream);
        _store.AppendElsewhere(WordGrain.Stream, "new");
        _store.HoldsReads = true;
        var refreshed = grain.Refresh();
        var seen = new HashSet<string>();
        while (_store.HeldReads > 0)
        {
            seen.Add(string.Join(' ', grain.Confirmed) + grain.Journal.ConfirmedVersion);
            grain.ReleaseRead();
        }

        Assert.True(refreshed.IsCompletedSuccessfully);
        Assert.Equal(["old older2"], seen);
        Assert.Equal(["new"], grain.Confirmed);
    }

    [Fact]
    public void Applying_cannot_raise_an_event_while_a_refresh_folds_a_cleared_stream_anew()
    {
        _store.AppendElsewhere(WordGrain.Stream, "old");
        using var grain = WordGrain.Activate(_store);
        grain.Applying = (_, word) =>
        {
            if (word == "new") grain.Journal.Submit("raised by Apply");
        };
        _store.ClearElsewhere(WordGrain.Stream);
        _store.AppendElsewhere(WordGrain.Stream, "new");
        var refreshed = grain.Refresh();
        grain.RunToCompletion();

        Assert.Contains("cannot raise another one", refreshed.Exception!.ToString(), StringComparison.Ordinal);
        Assert.Equal(["new"], _store.WordsOf(WordGrain.Stream));
    }

    [Fact]
    public void An_event_raised_while_a_refresh_reads_lands_after_what_was_read()
    {
        using var grain = WordGrain.Activate(_store);
        _store.HoldsReads = true;
        grain.Refresh();
        grain.Raise("mine");
        _store.AppendElsewhere(WordGrain.Stream, "theirs");
        grain.ReleaseRead();

        Assert.Equal(["theirs", "mine"], grain.Tentative);
        grain.RunToCompletion();
        Assert.Equal(["theirs", "mine"], _store.WordsOf(WordGrain.Stream));
    }

    [Fact]
    public void No_turn_sees_what_a_refresh_has_read_without_what_is_pending()
    {
        using var grain = WordGrain.Activate(_store);
        _store.HoldsReads = true;
        var refreshed = grain.Refresh();
        var dropped = grain.RaiseConditional("conditional");
        grain.Raise("mine");
        _store.AppendElsewhere(WordGrain.Stream, "theirs");
        _store.ReleaseRead();
        var seen = new List<string>();
        do
        {
            var now = $"{string.Join(' ', grain.Confirmed)}: {string.Join(' ', grain.Tentative)}";
            if (seen.LastOrDefault() != now) seen.Add(now);
        }
        while (grain.Turns.RunOne());

        Assert.True(refreshed.IsCompletedSuccessfully);
        Assert.Equal([": conditional mine", "theirs: theirs mine"], seen);
        Assert.False(WordGrain.AnswerOf(dropped));
    }

    private static EventsNotConfirmedException Refusal(Task confirmed) =>
        Assert.IsType<EventsNotConfirmedException>(confirmed.Exception?.InnerException);
}
