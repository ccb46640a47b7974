using Granary.Runtime;

namespace Granary.Tests.Unit.Journaling;

/// <summary>A store may take less than Granary does: a grain cannot raise it, and appends are cut to fit.</summary>
public sealed class StoreLimitsTests
{
    private static readonly int Metadata = EventMetadata.Empty.Utf8.Length;

    [Fact]
    public void An_event_that_the_store_does_not_take_cannot_be_raised()
    {
        using var grain = WordGrain.Activate(With(new StoreLimits { EventSizeMax = 5 }));

        var error = Assert.Throws<LimitExceededException>(() => grain.Journal.Submit("longer"));

        Assert.Equal(("event", 6, 5), (error.Subject, error.Actual, error.Allowed));
        Assert.Empty(grain.Tentative);
        grain.Raise("short");
        Assert.Equal(["short"], grain.Tentative);
    }

    [Fact]
    public void Events_that_the_store_does_not_take_together_cannot_be_raised_together()
    {
        var options = new JournalOptions { UnconfirmedEventsMax = 2 };
        using var grain = WordGrain.Activate(With(new StoreLimits { AppendEventsMax = 2 }), options);

        var error = Assert.Throws<LimitExceededException>(() => grain.Journal.SubmitRange(["a", "b", "c"]));

        Assert.Equal(
            ("number of events in the range of events", 3, 2), (error.Subject, error.Actual, error.Allowed));
        Assert.Empty(grain.Tentative);
    }

    [Fact]
    public void What_was_raised_one_by_one_goes_in_appends_that_the_store_takes()
    {
        var limits = new StoreLimits { AppendEventsMax = 2, EventSizeMax = 9, AppendSizeMax = 9 + Metadata };
        using var grain = WordGrain.Activate(With(limits));
        foreach (var word in new[] { "a", "b", "c", "nine_long" }) grain.Raise(word);
        var confirmed = grain.Confirm();

        var sizes = new List<int>();
        while (!confirmed.IsCompleted)
        {
            grain.Turns.RunAll();
            if (grain.Appender.Waiting == 0) continue;
            sizes.Add(grain.Appender.Next.Events.Count);
            grain.Appender.Commit();
        }

        Assert.Equal([2, 1, 1], sizes);
        Assert.Equal(["a", "b", "c", "nine_long"], grain.Confirmed);
    }

    private static ManualStore With(StoreLimits limits) => new() { Limits = limits };
}
