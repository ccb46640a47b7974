using Granary.Runtime;
using Granary.Tests.Unit.Observability;

namespace Granary.Tests.Unit.Journaling;

/// <summary>What a caller is answered when the store, or the grain itself, fails.</summary>
public sealed class FailureTests
{
    private readonly ManualStore _store = new();

    [Fact]
    public void A_store_that_stays_unavailable_fails_the_confirmation_before_the_caller_times_out()
    {
        using var grain = WordGrain.Activate(_store);
        grain.Raise("lost");
        var confirmed = grain.Confirm();
        var waited = TimeSpan.Zero;
        for (; !confirmed.IsCompleted; waited += TimeSpan.FromSeconds(1))
        {
            while (grain.Appender.Waiting > 0) grain.FailBefore();
            grain.Advance(TimeSpan.FromSeconds(1));
        }

        NotConfirmed(confirmed, events: 1);
        Assert.Equal(TimeSpan.FromSeconds(20), waited);
    }

    [Fact]
    public void The_time_counts_from_when_the_event_was_raised_though_an_earlier_append_was_in_flight()
    {
        using var grain = WordGrain.Activate(_store);
        grain.Raise("first");
        var first = grain.Confirm();
        grain.Raise("second");
        var second = grain.Confirm();
        grain.FailBefore();
        grain.Advance(TimeSpan.FromSeconds(15));
        grain.Commit();
        Assert.True(first.IsCompletedSuccessfully);

        grain.FailBefore();
        grain.Advance(TimeSpan.FromSeconds(5));
        while (grain.Appender.Waiting > 0) grain.FailBefore();
        NotConfirmed(second, events: 1);
    }

    [Fact]
    public void A_store_that_does_not_answer_a_retry_fails_the_confirmation_in_time()
    {
        using var grain = WordGrain.Activate(_store);
        grain.Raise("unknown");
        var confirmed = grain.Confirm();
        grain.FailBefore();
        Assert.Equal(1, grain.Appender.Waiting);
        Assert.False(confirmed.IsCompleted);
        grain.Advance(TimeSpan.FromSeconds(20));

        NotConfirmed(confirmed, events: 1);

        // No writer had dequeued it, so it is withdrawn: it is not stored after its caller got the error.
        grain.Commit();
        Assert.Empty(grain.Confirmed);
        Assert.Empty(_store.WordsOf(WordGrain.Stream));
    }

    [Fact]
    public void Every_waiting_call_is_answered_when_an_append_fails()
    {
        using var grain = WordGrain.Activate(_store);
        grain.Raise("one");
        var confirmed = grain.Confirm();
        var landed = grain.RaiseConditional("two");
        var refreshed = grain.Refresh();
        var cleared = grain.Clear();
        var confirmedToo = grain.Confirm();
        FailToEnd(grain);

        foreach (var waiting in new[] { confirmed, landed, refreshed, cleared, confirmedToo })
            NotConfirmed(waiting, events: 2);
        Assert.Throws<EventsNotConfirmedException>(() => grain.Journal.Submit("three"));
        Assert.NotNull(grain.Context.Deactivation);
        Assert.Null(grain.Context.Deactivation.Value.Exception);
        Assert.Empty(_store.WordsOf(WordGrain.Stream));
    }

    [Fact]
    public void A_callback_that_throws_after_the_commit_does_not_make_the_event_unconfirmed()
    {
        using var grain = WordGrain.Activate(_store);
        grain.Changed = static (_, confirmed) =>
        {
            if (confirmed) throw new InvalidOperationException("The grain's own.");
        };
        grain.Raise("stored");
        var confirmed = grain.Confirm();
        grain.Commit();

        Assert.True(confirmed.IsCompletedSuccessfully);
        Assert.Null(grain.Context.Deactivation);
        Assert.Equal(["stored"], grain.Confirmed);
    }

    [Fact]
    public void A_log_that_throws_changes_no_outcome()
    {
        using var grain = new WordGrain(_store, logger: new ThrowingLogger<JournalServices>());
        grain.Turns.RunAll();
        _store.AppendElsewhere(WordGrain.Stream, "other");
        grain.Raise("loser");
        var confirmed = grain.Confirm();
        grain.RunToCompletion();

        Assert.True(confirmed.IsCompletedSuccessfully);
        Assert.Equal(["other", "loser"], grain.Confirmed);

        grain.Raise("lost");
        var failed = grain.Confirm();
        FailToEnd(grain);
        NotConfirmed(failed, events: 1);
    }

    [Fact]
    public void An_event_that_is_stored_and_then_cannot_be_applied_is_not_called_unconfirmed()
    {
        using var grain = WordGrain.Activate(_store);
        grain.Raise("stored");
        var confirmed = grain.Confirm();
        var landed = grain.RaiseConditional("not stored");
        grain.Applying = static (_, word) =>
        {
            if (word == "stored") throw new InvalidOperationException("Not the second time.");
        };
        grain.Commit();

        var failure = Assert.IsType<ReplayFailedException>(confirmed.Exception?.InnerException);
        Assert.Equal(new StreamVersion(1), failure.Version);
        NotConfirmed(landed, events: 1);
        Assert.NotNull(grain.Context.Deactivation);
        Assert.Equal(["stored"], _store.WordsOf(WordGrain.Stream));
    }

    [Fact]
    public void A_conditional_event_that_is_stored_and_then_cannot_be_applied_is_true()
    {
        using var grain = WordGrain.Activate(_store);
        var landed = grain.RaiseConditional("stored");
        grain.RunPool();
        grain.Applying = static (_, _) => throw new InvalidOperationException("Not the second time.");
        grain.Commit();

        Assert.True(WordGrain.AnswerOf(landed));
        Assert.NotNull(grain.Context.Deactivation);
    }

    [Fact]
    public void An_event_that_is_raised_while_another_is_applied_is_refused()
    {
        using var grain = WordGrain.Activate(_store);
        grain.Applying = (_, word) =>
        {
            if (word == "outer") grain.Journal.Submit("inner");
        };

        var refusal = Assert.Throws<EventNotApplicableException>(() => grain.Raise("outer"));
        Assert.IsType<InvalidOperationException>(refusal.InnerException);
        grain.Raise("other");
        grain.Confirm();
        grain.RunToCompletion();
        Assert.Equal(["other"], grain.Confirmed);
        Assert.Equal(["other"], _store.WordsOf(WordGrain.Stream));
    }

    [Fact]
    public void A_refresh_that_cannot_read_fails_alone_and_the_activation_continues()
    {
        using var grain = WordGrain.Activate(_store);
        _store.HoldsReads = true;
        var refreshed = grain.Refresh();
        for (var waited = 0; !refreshed.IsCompleted; waited++)
        {
            Assert.InRange(waited, 0, 30);
            while (_store.HeldReads > 0) grain.FailRead();
            grain.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.IsType<StoreUnavailableException>(refreshed.Exception?.InnerException);
        Assert.Null(grain.Context.Deactivation);
        _store.HoldsReads = false;
        grain.Raise("stored");
        var confirmed = grain.Confirm();
        grain.Commit();
        Assert.True(confirmed.IsCompletedSuccessfully);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(-86_400_000)]
    [InlineData(long.MinValue / TimeSpan.TicksPerMillisecond)]
    public void A_grain_that_sets_no_delay_or_a_negative_one_is_not_retried_without_end(long delayMs)
    {
        using var grain = WordGrain.Activate(_store, new JournalOptions { RetryTimeoutMs = 1_000 });
        grain.ConnectionIssue = issue => issue.RetryDelay = TimeSpan.FromMilliseconds(delayMs);
        grain.Raise("lost");
        var confirmed = grain.Confirm();

        // The first retry comes at once, each further one takes its time.
        grain.FailBefore();
        grain.FailBefore();
        Assert.Equal(0, grain.Appender.Waiting);
        grain.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(1, grain.Appender.Waiting);

        // A store that does not answer any more has the rest of the time, and no more.
        grain.Advance(TimeSpan.FromMilliseconds(998));
        Assert.False(confirmed.IsCompleted);
        grain.Advance(TimeSpan.FromMilliseconds(1));
        NotConfirmed(confirmed, events: 1);
    }

    [Fact]
    public void A_read_that_is_answered_after_its_deadline_changes_nothing()
    {
        using var grain = WordGrain.Activate(_store);
        _store.HoldsReads = true;
        var refreshed = grain.Refresh();
        grain.FailRead();
        grain.Advance(TimeSpan.FromSeconds(30));
        Assert.True(refreshed.IsFaulted);
        _store.AppendElsewhere(WordGrain.Stream, "theirs");
        var landed = grain.RaiseConditional("mine");
        grain.RunPool();
        grain.ReleaseRead();
        Assert.Empty(grain.Confirmed);
        Assert.Equal(["mine"], grain.Tentative);
        _store.HoldsReads = false;
        grain.RunToCompletion();

        Assert.False(WordGrain.AnswerOf(landed));
        Assert.Equal(["theirs"], grain.Confirmed);
        Assert.Null(grain.Context.Deactivation);
    }

    [Fact]
    public async Task A_refresh_that_reads_a_part_and_then_fails_is_not_answered_as_done()
    {
        using var grain = WordGrain.Activate(_store);
        string[] theirs = [.. Enumerable.Range(0, 2_000).Select(static number => $"o{number}")];
        _store.AppendElsewhere(WordGrain.Stream, theirs);
        _store.ReadableEvents = 1_000;
        var refreshed = grain.Refresh();
        await grain.WaitAsync(refreshed);

        Assert.IsType<StoreUnavailableException>(refreshed.Exception?.InnerException);
        // Of the 1,000 that could be read, the whole chunks of 256 but the one that was being decoded.
        Assert.Equal(512, grain.Confirmed.Count);
        Assert.Equal(grain.Confirmed, grain.Tentative);
        _store.ReadableEvents = null;
        await grain.WaitAsync(grain.Refresh());
        Assert.Equal(theirs, grain.Confirmed);
    }

    [Fact]
    public void Deactivation_waits_for_what_was_raised_though_a_clearing_is_cancelled()
    {
        using var grain = WordGrain.Activate(_store);
        grain.Raise("one");
        using var cancelling = new CancellationTokenSource();
        var cleared = grain.Call(() => grain.Journal.ClearLogAsync(cancelling.Token));
        grain.Raise("two");
        var drained = grain.Call(grain.Journal.PostOnDeactivate);
        cancelling.Cancel();
        grain.Commit();
        Assert.True(cleared.IsCanceled);
        Assert.False(drained.IsCompleted);
        grain.RunToCompletion();

        Assert.True(drained.IsCompletedSuccessfully);
        Assert.Equal(["one", "two"], _store.WordsOf(WordGrain.Stream));
    }

    [Fact]
    public void Deactivation_waits_for_what_was_raised_though_a_check_fails()
    {
        using var grain = WordGrain.Activate(_store);
        _store.HoldsReads = true;
        var refreshed = grain.Refresh();
        grain.Raise("one");
        var drained = grain.Call(grain.Journal.PostOnDeactivate);
        for (var waited = 0; !refreshed.IsCompleted; waited++)
        {
            Assert.InRange(waited, 0, 30);
            while (_store.HeldReads > 0) grain.FailRead();
            grain.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.IsType<StoreUnavailableException>(refreshed.Exception?.InnerException);
        Assert.False(drained.IsCompleted);
        grain.RunToCompletion();
        Assert.True(drained.IsCompletedSuccessfully);
        Assert.Equal(["one"], _store.WordsOf(WordGrain.Stream));
    }

    [Fact]
    public void What_is_held_unconfirmed_is_bounded_in_bytes()
    {
        using var grain = WordGrain.Activate(_store, new JournalOptions { UnconfirmedSizeMaxBytes = 4 * 1024 * 1024 });
        static string Word(char letter) => new(letter, 1_000_000);
        foreach (var letter in "abcd") grain.Raise(Word(letter));

        var refusal = Assert.Throws<LimitExceededException>(() => grain.Journal.Submit(Word('e')));
        var size = 1_000_000 + EventMetadata.Empty.Utf8.Length;
        Assert.Equal((5 * size, 4 * 1024 * 1024), (refusal.Actual, refusal.Allowed));
        Assert.Equal(4, grain.Tentative.Count);
        grain.Confirm();
        grain.RunToCompletion();
        grain.Raise(Word('e'));
        Assert.Equal(5, grain.Tentative.Count);
    }

    [Fact]
    public void Deactivation_waits_for_what_was_raised_and_for_clearings()
    {
        using var grain = WordGrain.Activate(_store);
        grain.Raise("one");
        var cleared = grain.Clear();
        grain.Raise("two");
        var drained = grain.Call(grain.Journal.PostOnDeactivate);
        Assert.False(drained.IsCompleted);
        grain.RunToCompletion();

        Assert.True(cleared.IsCompletedSuccessfully);
        Assert.True(drained.IsCompletedSuccessfully);
        Assert.Equal(["two"], _store.WordsOf(WordGrain.Stream));
    }

    private static void FailToEnd(WordGrain grain)
    {
        for (var waited = 0; grain.Context.Deactivation is null; waited++)
        {
            Assert.InRange(waited, 0, 30);
            while (grain.Appender.Waiting > 0) grain.FailBefore();
            grain.Advance(TimeSpan.FromSeconds(1));
        }
    }

    private static void NotConfirmed(Task confirmed, int events) => Assert.Equal(
        events, Assert.IsType<EventsNotConfirmedException>(confirmed.Exception?.InnerException).Events);
}
