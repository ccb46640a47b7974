namespace Granary.Tests.Unit.Journaling;

/// <summary>That ConfirmEvents returns for what is stored, and for nothing else.</summary>
public sealed class ConfirmingTests
{
    private readonly ManualStore _store = new();

    [Fact]
    public void It_waits_for_what_was_raised_after_a_clearing_though_a_conditional_event_was_dropped()
    {
        using var grain = WordGrain.Activate(_store);
        var cleared = grain.Clear();
        grain.Raise("kept");
        var confirmed = grain.Confirm();
        var landed = grain.RaiseConditional("dropped");

        Assert.True(grain.Appender.Next.ClearsStream);
        grain.Commit();
        Assert.True(cleared.IsCompletedSuccessfully);
        Assert.False(WordGrain.AnswerOf(landed));
        Assert.False(confirmed.IsCompleted);
        grain.RunToCompletion();
        Assert.True(confirmed.IsCompletedSuccessfully);
        Assert.Equal(["kept"], _store.WordsOf(WordGrain.Stream));
    }

    [Fact]
    public void It_waits_for_the_second_append_though_two_conditional_events_lost_the_race()
    {
        using var grain = WordGrain.Activate(_store);
        string[] big = [.. Enumerable.Range(0, 5).Select(static number => new string((char)('a' + number), 900_000))];
        foreach (var word in big) grain.Raise(word);
        var confirmed = grain.Confirm();
        var conditional = new[] { grain.RaiseConditional("x"), grain.RaiseConditional("y") };
        _store.AppendElsewhere(WordGrain.Stream, "theirs");

        // The first append loses the race, then lands; the second, with the last big one, is still to come.
        grain.Commit();
        grain.Commit();
        Assert.All(conditional, static landed => Assert.False(WordGrain.AnswerOf(landed)));
        Assert.False(confirmed.IsCompleted);
        grain.RunToCompletion();
        Assert.True(confirmed.IsCompletedSuccessfully);
        Assert.Equal(["theirs", .. big], _store.WordsOf(WordGrain.Stream));
    }

    [Fact]
    public void An_event_raised_before_a_clearing_goes_with_it_though_a_conditional_one_lost_the_race()
    {
        using var grain = WordGrain.Activate(_store);
        grain.Raise("before");
        var cleared = grain.Clear();
        var dropped = grain.RaiseConditional("dropped");
        grain.Raise("after");
        _store.AppendElsewhere(WordGrain.Stream, "theirs");
        grain.RunToCompletion();

        Assert.False(WordGrain.AnswerOf(dropped));
        Assert.True(cleared.IsCompletedSuccessfully);
        Assert.Equal(["after"], _store.WordsOf(WordGrain.Stream));
        Assert.Equal(["after"], grain.Confirmed);
    }

    [Fact]
    public void An_event_raised_after_a_clearing_survives_it_though_a_conditional_one_lost_the_race()
    {
        using var grain = WordGrain.Activate(_store);
        var first = grain.RaiseConditional("dropped");
        grain.Raise("before");
        var cleared = grain.Clear();
        grain.Raise("after");
        var second = grain.RaiseConditional("dropped too");
        grain.Raise("after all");
        var confirmed = grain.Confirm();
        _store.AppendElsewhere(WordGrain.Stream, "theirs");
        grain.RunToCompletion();

        Assert.False(WordGrain.AnswerOf(first));
        Assert.False(WordGrain.AnswerOf(second));
        Assert.True(cleared.IsCompletedSuccessfully);
        Assert.True(confirmed.IsCompletedSuccessfully);
        Assert.Equal(["after", "after all"], _store.WordsOf(WordGrain.Stream));
    }

    [Fact]
    public void Two_clearings_each_clear_what_was_raised_before_them()
    {
        using var grain = WordGrain.Activate(_store);
        grain.Raise("one");
        var first = grain.Clear();
        grain.Raise("two");
        var second = grain.Clear();
        grain.Raise("three");
        var confirmed = grain.Confirm();
        grain.RunToCompletion();

        Assert.All(new[] { first, second, confirmed }, static one => Assert.True(one.IsCompletedSuccessfully));
        Assert.Equal(["three"], _store.WordsOf(WordGrain.Stream));
    }
}
