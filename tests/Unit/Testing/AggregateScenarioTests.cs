using Granary.Contracts;
using Granary.Grains;
using Granary.Runtime;
using Granary.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Granary.Tests.Unit.Testing;

public sealed class AggregateScenarioTests
{
    [Fact]
    public async Task A_plain_journaled_grain_starts_from_the_given_events_and_reports_what_it_raised()
    {
        var scenario = Door(new DoorOpened("Ada"));

        Assert.True((await scenario.WhenAsync(static door => door.IsOpen())).ThenNothing().Answer);
        (await scenario.WhenAsync(static door => door.Close())).Then(new DoorClosed());
        Assert.False((await scenario.WhenAsync(static door => door.IsOpen())).Answer);
        Assert.Equal(2, (await scenario.WhenAsync(static door => door.At())).Answer);
        Assert.Equal("front", (await scenario.WhenAsync(static door => door.Key())).Answer);
    }

    [Fact]
    public async Task Several_events_are_reported_in_their_order()
    {
        var outcome = await Door().WhenAsync(static door => door.OpenAndShut("Ada"));

        outcome.Then(new DoorOpened("Ada"), new DoorClosed());
        Assert.Throws<ScenarioFailedException>(() => outcome.Then(new DoorClosed(), new DoorOpened("Ada")));
        Assert.Throws<ScenarioFailedException>(() => outcome.Then(new DoorOpened("Ada")));
    }

    [Fact]
    public async Task A_conditional_event_lands_and_what_is_not_confirmed_is_tentative_only()
    {
        var conditional = await Door().WhenAsync(static door => door.TryOpen("Ada"));
        var looked = await Door().WhenAsync(static door => door.Look("Ada"));

        Assert.True(conditional.Then(new DoorOpened("Ada")).Answer);
        Assert.Equal((false, true, 1), looked.Answer);
    }

    [Fact]
    public async Task What_a_grain_does_not_confirm_itself_is_confirmed_all_the_same_also_when_it_throws()
    {
        var quiet = await Door(new DoorOpened("Ada")).WhenAsync(static door => door.CloseInItsOwnTime());
        var failing = await Door(new DoorOpened("Ada")).WhenAsync(static door => door.CloseAndFail());

        quiet.Then(new DoorClosed());
        Assert.Equal([new DoorClosed()], failing.Events);
        var error = Assert.Throws<ScenarioFailedException>(() => failing.ThenThrows<DoorException>());
        Assert.Contains("DoorClosed", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_activation_folds_what_was_confirmed_and_notifies_the_grain()
    {
        DoorGrain? last = null;
        var scenario = new AggregateScenario<DoorGrain>("front", () => last = new DoorGrain());
        await scenario.WhenAsync(static door => door.Open("Ada"));
        var first = last;

        Assert.True((await scenario.Reactivated().WhenAsync(static door => door.IsOpen())).Answer);
        Assert.NotSame(first, last);
        Assert.Equal((1, 1), (first!.StateChanges, last!.StateChanges));
    }

    [Fact]
    public async Task An_event_that_cannot_be_applied_is_refused_and_the_grain_continues()
    {
        var scenario = Door();

        var error = (await scenario.WhenAsync(static door => door.Open(""))).ThenThrows<EventNotApplicableException>();
        Assert.Equal(("door/front", "unit.door-opened"), (error.Stream.ToString(), error.EventType));
        Assert.IsType<DoorException>(error.InnerException);
        (await scenario.WhenAsync(static door => door.Open("Ada"))).Then(new DoorOpened("Ada"));
    }

    [Fact]
    public async Task A_given_event_that_cannot_be_applied_fails_the_activation_with_its_version()
    {
        var outcome = await Door(new DoorClosed(), new DoorOpened("")).WhenAsync(static door => door.IsOpen());

        var error = outcome.ThenThrows<ReplayFailedException>();
        Assert.Equal(("door/front", 2, "unit.door-opened"), (error.Stream.ToString(), error.Version.Value,
            error.EventType));
    }

    [Fact]
    public async Task An_event_that_its_codec_refuses_is_refused_as_in_a_silo_and_nothing_is_confirmed()
    {
        var refused = await new AggregateScenario<PileGrain>("a").WhenAsync(static pile => pile.Put(1, 2));
        var kept = await new AggregateScenario<PileGrain>("a").WhenAsync(static pile => pile.Put(1));

        var error = refused.ThenThrows<EventNotEncodableException>();
        Assert.Contains("Piled.Items[0] comes back with another value", error.Message, StringComparison.Ordinal);
        Assert.Equal(["1"], kept.Then(new Piled(new([1]))).Answer);
    }

    [Fact]
    public async Task A_given_event_that_could_not_have_been_stored_says_so()
    {
        var error = await Assert.ThrowsAsync<ArgumentException>(static () =>
            new AggregateScenario<PileGrain>("a").Given(new Piled(new([1, 2]))).WhenAsync(static pile => pile.Put()));

        Assert.Contains("could not have been stored", error.Message, StringComparison.Ordinal);
        Assert.IsType<EventNotEncodableException>(error.InnerException);
    }

    [Fact]
    public async Task What_is_folded_is_what_a_store_would_return()
    {
        var scenario = new AggregateScenario<PileGrain>("a").Given(new Piled(new([1])) { Note = "not stored" });

        Assert.Equal(["1", "2"], (await scenario.WhenAsync(static pile => pile.PutNoted("not stored", 2))).Answer);
    }

    [Fact]
    public async Task A_codec_of_the_grains_own_is_configured_as_in_a_silo()
    {
        var scenario = new AggregateScenario<PileGrain>("a").Configure(
            static granary => granary.Services.AddSingleton<IEventCodec<Piled>, PileCodec>());

        Assert.Equal(["1", "2"], (await scenario.WhenAsync(static pile => pile.Put(2, 1))).Answer);
        Assert.Contains(
            "Granary's own",
            (await scenario.WhenAsync(static pile => pile.Put(0))).ThenThrows<EventNotEncodableException>().Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Applying_cannot_raise_another_event()
    {
        var outcome = await new AggregateScenario<PileGrain>("a").WhenAsync(static pile => pile.Put(-1));

        Assert.Contains("cannot raise another one", outcome.Failure!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Applying_reads_the_state_that_it_changes() => Assert.Equal(
        ["-2"], (await new AggregateScenario<PileGrain>("a").WhenAsync(static pile => pile.Put(-2))).Answer);

    [Fact]
    public async Task The_history_is_read_and_the_log_is_cleared()
    {
        var scenario = Door(new DoorOpened("Ada"), new DoorClosed());

        Assert.Equal(
            [new DoorOpened("Ada"), new DoorClosed()],
            (await scenario.WhenAsync(static door => door.History())).Answer);
        (await scenario.WhenAsync(static door => door.Clear())).ThenNothing();
        Assert.Equal(0, (await scenario.Reactivated().WhenAsync(static door => door.At())).Answer);
        (await scenario.WhenAsync(static door => door.ClearAndOpen("Bob"))).Then(new DoorOpened("Bob"));
        (await scenario.WhenAsync(static door => door.ClearAndOpen("Eve"))).Then(new DoorOpened("Eve"));
    }

    [Fact]
    public async Task A_failing_expectation_shows_what_was_expected_and_what_was()
    {
        var outcome = await Door().WhenAsync(static door => door.Open("Ada"));

        var error = Assert.Throws<ScenarioFailedException>(() => outcome.Then(new DoorOpened("Bob")));
        Assert.Equal(
            "Expected events: DoorOpened {\"By\":\"Bob\"}" + Environment.NewLine
                + "But were: DoorOpened {\"By\":\"Ada\"}",
            error.Message);
        Assert.Contains("none", Assert.Throws<ScenarioFailedException>(outcome.ThenNothing).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Events_are_compared_by_all_that_they_hold_not_by_their_JSON()
    {
        var outcome = await Door().WhenAsync(static door => door.Mark("a", "b"));

        outcome.Then(new DoorMarked("a", "b"));
        Assert.Throws<ScenarioFailedException>(() => outcome.Then(new DoorMarked("a", "c")));
        Assert.Throws<ScenarioFailedException>(() => outcome.Then(new DoorMarked("a")));
    }

    [Fact]
    public async Task A_failure_is_expected_by_its_type_and_else_comes_out()
    {
        var failed = await Door().WhenAsync(static door => door.Open(""));
        var fine = await Door().WhenAsync(static door => door.IsOpen());

        Assert.Throws<EventNotApplicableException>(() => failed.ThenNothing());
        Assert.IsType<EventNotApplicableException>(failed.Failure);
        Assert.Contains(
            "but the call threw Granary.EventNotApplicableException",
            Assert.Throws<ScenarioFailedException>(() => failed.ThenThrows<LimitExceededException>()).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "threw nothing",
            Assert.Throws<ScenarioFailedException>(() => fine.ThenThrows<DoorException>()).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_scenario_that_cannot_run_throws_the_reason_instead_of_failing_the_call()
    {
        await Assert.ThrowsAsync<ArgumentException>(
            static () => Door(new AccountClosed()).WhenAsync(static door => door.IsOpen()));
        await Assert.ThrowsAsync<ArgumentException>(static () =>
            new AggregateScenario<NoJournal>("a").WhenAsync(static _ => Task.CompletedTask));
    }

    [Fact]
    public async Task An_aggregate_repeats_its_answer_to_a_command_that_comes_again_and_refuses_its_id_to_another()
    {
        var scenario = new AggregateScenario<AccountGrain>("a1").Given(new AccountOpened("Ada", "EUR", 0m));
        var first = await scenario.WhenAsync(static account => account.Deposit(new(5m, "EUR", "c1")));
        var again = await scenario.WhenAsync(static account => account.Deposit(new(5m, "EUR", "c1")));
        var later = await scenario.Reactivated().WhenAsync(static account => account.Deposit(new(5m, "EUR", "c1")));
        var other = await scenario.WhenAsync(static account => account.Deposit(new(6m, "EUR", "c1")));

        first.Then(new MoneyDeposited(5m));
        Assert.Equal(first.Answer, again.ThenNothing().Answer);
        Assert.Equal(first.Answer, later.ThenNothing().Answer);
        other.ThenThrows<CommandIdReusedException>();
    }

    private static AggregateScenario<DoorGrain> Door(params object[] events) =>
        new AggregateScenario<DoorGrain>("front").Given(events);

    private sealed class NoJournal : Grain;
}
