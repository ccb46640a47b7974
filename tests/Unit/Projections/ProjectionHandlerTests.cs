using System.Text;
using System.Text.Json.Nodes;
using Granary.Runtime;

namespace Granary.Tests.Unit.Projections;

/// <summary>What becomes of stored events: rows, each written once, and errors that name the event.</summary>
public sealed class ProjectionHandlerTests
{
    [Fact]
    public async Task The_events_of_a_batch_are_folded_in_order_and_each_row_is_written_once()
    {
        var accounts = new Folding<Account>(new Accounts());
        var handled = await accounts.HandleAsync(
            accounts.Record("account/a", new Opened("ada")),
            accounts.Record("account/b", new Opened("bob")),
            accounts.Record("account/a", new Deposited(5)),
            accounts.Record("account/a", new Other()),
            accounts.Record("account/a", new Withdrawn(2)),
            accounts.Record("account/b", new Deposited(1)));
        Assert.Equal(["a", "b"], handled.Writes.Select(static one => one.Key));
        Assert.Equal([5, 6], handled.Writes.Select(static one => one.Position.Position.Value));
        Assert.Equal<object?>(["ada", 3L], handled.Writes[0].Values);
        Assert.Equal(ModelCommitOutcome.Committed, await accounts.CommitAsync(handled));
        Assert.Equal(3, (await accounts.ReadAsync("a"))!.Balance);
        Assert.Equal(1, (await accounts.ReadAsync("b"))!.Balance);
    }

    [Fact]
    public async Task A_model_goes_on_from_its_row_and_one_that_is_deleted_may_come_again()
    {
        var accounts = new Folding<Account>(new Accounts());
        await accounts.FollowAsync(accounts.Record("account/a", new Opened("ada")));
        await accounts.FollowAsync(accounts.Record("account/a", new Deposited(5)));
        Assert.Equal(5, (await accounts.ReadAsync("a"))!.Balance);
        await accounts.FollowAsync(accounts.Record("account/a", new Closed()));
        Assert.Null(await accounts.ReadRowAsync("a"));
        await accounts.FollowAsync(accounts.Record("account/a", new Opened("eve")));
        Assert.Equal(new Account { Owner = "eve" }.Owner, (await accounts.ReadAsync("a"))!.Owner);
    }

    [Fact]
    public async Task A_model_that_comes_and_goes_within_a_batch_is_not_written()
    {
        var accounts = new Folding<Account>(new Accounts());
        var handled = await accounts.HandleAsync(
            accounts.Record("account/a", new Opened("ada")), accounts.Record("account/a", new Closed()));
        Assert.Empty(handled.Writes);
    }

    [Fact]
    public async Task A_cleared_stream_takes_the_model_with_its_key_along_and_tombstones_are_passed_over()
    {
        var accounts = new Folding<Account>(new Accounts());
        await accounts.FollowAsync(
            accounts.Record("account/a", new Opened("ada")), accounts.Record("account/b", new Opened("bob")));
        await accounts.FollowAsync(
            accounts.Record("account/b", EventTypes.Tombstone, default),
            accounts.Record("account/a", EventTypes.StreamCleared, default));
        Assert.Null(await accounts.ReadRowAsync("a"));
        Assert.NotNull(await accounts.ReadRowAsync("b"));
        await accounts.FollowAsync(accounts.Record("account/a", new Deposited(2)));
        Assert.Equal(2, (await accounts.ReadAsync("a"))!.Balance);
    }

    [Fact]
    public async Task Models_with_keys_of_their_own_stay_when_a_stream_is_cleared()
    {
        var movements = new Folding<Account>(new Movements());
        await movements.FollowAsync(movements.Record("account/a", new Opened("a")));
        var handled = await movements.HandleAsync(movements.Record("account/a", EventTypes.StreamCleared, default));
        Assert.Empty(handled.Writes);
    }

    [Fact]
    public async Task An_event_concerns_no_model_one_or_many_and_each_once()
    {
        var movements = new Folding<Account>(new Movements());
        await movements.FollowAsync(
            movements.Record("account/a", new Opened("")),
            movements.Record("account/a", new Withdrawn(1)),
            movements.Record("transfer/t", new Transferred([], 1)),
            movements.Record("transfer/t", new Transferred(["x", "y", "x"], 7)),
            movements.Record("account/a", new Opened("x")));
        Assert.Equal(7, (await movements.ReadAsync("x"))!.Balance);
        Assert.Equal(["x"], (await movements.ReadAsync("x"))!.Seen);
        Assert.Equal(7, (await movements.ReadAsync("y"))!.Balance);
        var page = await movements.Models.QueryAsync(
            new ModelQuery(movements.Table), TestContext.Current.CancellationToken);
        Assert.Equal(["x", "y"], page.Rows.Select(static one => one.Key));
    }

    [Fact]
    public async Task Of_several_keys_that_fit_an_event_the_one_of_the_nearest_type_counts()
    {
        var nearest = new Folding<Account>(new NearestKeys());
        var handled = await nearest.HandleAsync(
            nearest.Record("account/a", new Deposited(1)), nearest.Record("account/a", new Withdrawn(1)));
        Assert.Equal(["deposits", "moves"], handled.Writes.Select(static one => one.Key));
    }

    [Theory]
    [InlineData("")]
    [InlineData("\ud800")]
    [InlineData(null)]
    public async Task A_key_that_is_not_allowed_fails_its_event(string? key)
    {
        var movements = new Folding<Account>(new Movements());
        // Straight as JSON: an event with such a key could not be raised.
        var payload = new JsonObject { ["accounts"] = new JsonArray("x", "?"), ["amount"] = 1 }.ToJsonString()
            .Replace(
                "\"?\"",
                key switch { null => "null", "" => "\"\"", _ => "\"\\ud800\"" },
                StringComparison.Ordinal);
        var fine = movements.Record("account/a", new Opened("a"));
        var wrong = movements.Record("transfer/t", "projected.transferred", Encoding.UTF8.GetBytes(payload));
        var error = await Assert.ThrowsAsync<EventFailedException>(() => movements.HandleAsync(fine, wrong));
        Assert.Same(wrong, error.Failed);
    }

    [Fact]
    public async Task An_old_event_counts_as_what_upcasters_make_of_it_one_several_or_none()
    {
        var accounts = new Folding<Account>(
            new Accounts(),
            new Upcaster("old.opened-with", static old =>
            [
                new UpcastEvent("projected.opened", 1, new JsonObject { ["owner"] = old.Payload["who"]!.DeepClone() }),
                new UpcastEvent("projected.deposited", 1, new JsonObject { ["amount"] = 4 }),
                new UpcastEvent("projected.other", 1, []),
            ]),
            new Upcaster("old.nothing", static _ => []));
        await accounts.FollowAsync(
            accounts.Record("account/a", "old.opened-with", """{"who":"ada"}"""u8.ToArray()),
            accounts.Record("account/a", "old.nothing", "{}"u8.ToArray()));
        Assert.Equal(("ada", 4), ((await accounts.ReadAsync("a"))!.Owner, (await accounts.ReadAsync("a"))!.Balance));
        Assert.Equal(1, (await accounts.ReadRowAsync("a"))!.Position.Position.Value);
    }

    [Fact]
    public async Task An_event_that_cannot_be_handled_is_named_and_leaves_nothing_half_changed()
    {
        var accounts = new Folding<Account>(new Accounts());
        await accounts.FollowAsync(accounts.Record("account/a", new Opened("ada")));
        var deposited = accounts.Record("account/a", new Deposited(5));
        var overdrawn = accounts.Record("account/a", new Withdrawn(6));
        var later = accounts.Record("account/b", new Opened("bob"));
        var error = await Assert.ThrowsAsync<EventFailedException>(
            () => accounts.HandleAsync(deposited, overdrawn, later));
        Assert.Same(overdrawn, error.Failed);
        Assert.Contains("overdrawn", error.InnerException!.Message, StringComparison.Ordinal);

        // As a worker does: those before it, then those of other streams.
        await accounts.FollowAsync(deposited);
        await accounts.FollowAsync(later);
        Assert.Equal(5, (await accounts.ReadAsync("a"))!.Balance);
        Assert.Equal("bob", (await accounts.ReadAsync("b"))!.Owner);
    }

    [Fact]
    public async Task An_event_that_cannot_be_read_is_named()
    {
        var accounts = new Folding<Account>(new Accounts());
        var newer = accounts.Record("account/a", "projected.opened", "{}"u8.ToArray(), schemaVersion: 2);
        Assert.Same(newer, (await Assert.ThrowsAsync<EventFailedException>(() => accounts.HandleAsync(newer))).Failed);
        var broken = accounts.Record("account/a", "projected.opened", "{"u8.ToArray());
        var error = await Assert.ThrowsAsync<EventFailedException>(() => accounts.HandleAsync(broken));
        Assert.IsType<ReplayFailedException>(error.InnerException);
    }

    [Fact]
    public async Task A_model_that_JSON_does_not_keep_and_one_too_large_fail_the_event_and_say_what_to_do()
    {
        var lossy = new Folding<Lossy.Model>(new Lossy());
        var error = await Assert.ThrowsAsync<EventFailedException>(
            () => lossy.HandleAsync(lossy.Record("account/a", new Deposited(1))));
        Assert.Contains("JSON does not keep the model Model: ", error.Message, StringComparison.Ordinal);
        Assert.Contains("_hidden", error.Message, StringComparison.Ordinal);
        error = await Assert.ThrowsAsync<EventFailedException>(
            () => lossy.HandleAsync(lossy.Record("account/a", new Deposited(GranaryLimits.EventSizeMax))));
        Assert.Equal("model Model", Assert.IsType<LimitExceededException>(error.InnerException).Subject);
    }

    [Fact]
    public async Task What_was_not_committed_is_not_built_upon()
    {
        var accounts = new Folding<Account>(new Accounts());
        var opened = accounts.Record("account/a", new Opened("ada"));
        await accounts.HandleAsync(opened, accounts.Record("account/a", new Deposited(100)));
        var handled = await accounts.HandleAsync(opened, accounts.Record("account/a", new Deposited(5)));
        Assert.Equal(ModelCommitOutcome.Committed, await accounts.CommitAsync(handled));
        Assert.Equal(5, (await accounts.ReadAsync("a"))!.Balance);
    }

    [Fact]
    public async Task A_row_that_another_worker_has_changed_is_read_again()
    {
        var accounts = new Folding<Account>(new Accounts());
        await accounts.FollowAsync(accounts.Record("account/a", new Opened("ada")));
        var deposited = accounts.Record("account/a", new Deposited(5));
        var before = await accounts.HandleAsync(deposited);
        var others = await accounts.NewHandler().HandleAsync(
            new LogBatch(default, [accounts.Record("account/a", new Deposited(1))]),
            TestContext.Current.CancellationToken);
        Assert.Equal(ModelCommitOutcome.Committed, await accounts.CommitAsync(others));
        Assert.Equal(ModelCommitOutcome.RowsChanged, await accounts.CommitAsync(before));
        Assert.Equal(ModelCommitOutcome.Committed, await accounts.FollowAsync(deposited));
        Assert.Equal(6, (await accounts.ReadAsync("a"))!.Balance);
    }

    [Fact]
    public async Task A_model_that_another_partition_has_made_since_it_was_looked_for_is_deleted()
    {
        var movements = new Folding<Account>(new Movements());
        await movements.FollowAsync(movements.Record("account/x", new Closed()));
        var others = await movements.NewHandler().HandleAsync(
            new LogBatch(new(1), [movements.Record("transfer/t", new Transferred(["x"], 7))]),
            TestContext.Current.CancellationToken);
        Assert.Equal(ModelCommitOutcome.Committed, await movements.CommitAsync(others));
        await movements.FollowAsync(movements.Record("account/x", new Closed()));
        Assert.Null(await movements.ReadRowAsync("x"));
    }

    [Fact]
    public async Task Events_of_more_models_than_a_commit_holds_are_a_batch_too_large()
    {
        var movements = new Folding<Account>(new Movements());
        var half = Enumerable.Range(0, 3_000).Select(static at => $"k{at}").ToArray();
        var rest = Enumerable.Range(3_000, 3_000).Select(static at => $"k{at}").ToArray();
        var first = movements.Record("transfer/t", new Transferred(half, 1));
        var second = movements.Record("transfer/t", new Transferred(rest, 1));
        await Assert.ThrowsAsync<BatchTooLargeException>(() => movements.HandleAsync(first, second));
        Assert.Equal(3_000, (await movements.HandleAsync(first)).Writes.Count);
    }
}
