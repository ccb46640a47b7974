using Granary.Runtime;

namespace Granary.Tests.Unit.Journaling;

/// <summary>What a grain reads as its state while it applies an event: the state that it applies it to.</summary>
public sealed class ApplyingTests
{
    private readonly ManualStore _store = new();
    private int _applied;

    [Fact]
    public void The_state_is_the_one_that_is_folded_also_where_all_that_is_pending_is_folded_again()
    {
        using var grain = WordGrain.Activate(_store);
        Read(grain);
        grain.Raise("one");
        grain.RunPool();
        Assert.Throws<EventNotApplicableException>(() => grain.Raise("!0"));
        Assert.Equal(["one"], grain.Tentative);

        _store.AppendElsewhere(WordGrain.Stream, "theirs");
        grain.RunToCompletion();
        Assert.Equal(["theirs", "one"], grain.Tentative);
        Assert.Equal(["theirs", "one"], grain.Confirmed);
        Assert.True(_applied > 4);
    }

    [Fact]
    public void The_state_is_the_one_that_is_folded_while_a_command_decides_on_what_is_pending()
    {
        using var grain = WordGrain.Activate(_store);
        Read(grain);
        grain.Raise("one");
        var landed = grain.Call(() =>
        {
            ICommandJournal journal = grain.Journal;
            journal.BeginCommand();
            Assert.Equal(["one"], grain.Confirmed);
            grain.Journal.Submit("two");
            return journal.CommitCommandAsync(null);
        });
        grain.RunToCompletion();

        Assert.True(WordGrain.AnswerOf(landed));
        Assert.Equal(["one", "two"], grain.Confirmed);
    }

    [Fact]
    public void A_state_that_is_read_while_a_stream_is_replayed_is_not_kept()
    {
        _store.AppendElsewhere(WordGrain.Stream, "one", "two");
        using var grain = new WordGrain(_store);
        Read(grain);
        grain.Turns.RunAll();

        Assert.Equal(["one", "two"], grain.Tentative);
        Assert.Equal(2, _applied);
    }

    private void Read(WordGrain grain) => grain.Applying = (view, _) =>
    {
        _applied++;
        Assert.Same(view, grain.Journal.TentativeView);
        Assert.Same(view, grain.Journal.ConfirmedView);
    };
}
