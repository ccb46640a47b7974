namespace Granary.Testing.Conformance.Stores;

/// <summary>A commit of models changes its rows and its checkpoint together, or nothing.</summary>
public abstract class ModelCommitConformance<TStore> : ModelSuite<TStore>
    where TStore : TestStore, new()
{
    private static readonly ModelTable Totals = new("totals");

    [Fact]
    public async Task Rows_and_checkpoint_are_there_for_every_process_when_the_call_has_returned()
    {
        await CreateAsync(Orders, Totals);
        var other = await OtherAsync();
        var position = new LogPosition(new(Data.Partitions - 1), new(long.MaxValue));
        var move = Move("reader", from: 0, to: 7, epoch: 3);
        var commit = new ModelCommit(
            ModelWrite.Put(Orders, "a", null, Json("""{"at":1}"""), [5L], position),
            ModelWrite.Put(Totals, "a", null, Json("""{"at":2}"""), []))
        {
            Advance = move,
        };
        Assert.Equal(ModelCommitOutcome.Committed, await CommitAsync(commit));

        foreach (var models in new[] { other, await OtherAsync() })
        {
            var order = await RowAsync("a", models);
            Assert.Equal(("a", position, commit.Id), (order?.Key, order?.Position, order?.Revision));
            AssertSameJson(Json("""{"at":1}"""), order!.Document);
            var total = Assert.Single(await models.ReadAsync(Totals, ["a"], Token));
            Assert.Equal(("a", default, commit.Id), (total.Key, total.Position, total.Revision));
            AssertSameJson(Json("""{"at":2}"""), total.Document);
            Assert.Equal(
                new ModelCheckpoint("reader", default, new(7), 3, move.StoreId, move.EventId, commit.Id),
                await models.ReadCheckpointAsync("reader", default, Token));
        }
    }

    [Fact]
    public async Task A_commit_whose_checkpoint_is_elsewhere_changes_nothing()
    {
        await CreateAsync(Orders);
        await AssertOvertakenAsync(Move("reader", from: 1, to: 6));
        Assert.Null(await CheckpointAsync("reader"));
        await AdvanceAsync(Move("reader", from: 0, to: 5));

        await AssertOvertakenAsync(Move("reader", from: 0, to: 6));
        await AssertOvertakenAsync(Move("reader", from: 4, to: 6));
        await AssertOvertakenAsync(Move("reader", from: 6, to: 6));
        await AdvanceAsync(Move("reader", from: 5, to: long.MaxValue));
        Assert.Equal(long.MaxValue, (await CheckpointAsync("reader"))?.Position.Value);
    }

    [Fact]
    public async Task A_later_epoch_takes_a_checkpoint_over_and_the_earlier_one_commits_no_more()
    {
        await CreateAsync(Orders);
        await AdvanceAsync(Move("reader", from: 0, to: 5, epoch: 1));
        await AdvanceAsync(Move("reader", from: 5, to: 5, epoch: 2));

        await AssertOvertakenAsync(Move("reader", from: 5, to: 6, epoch: 1));
        await AdvanceAsync(Move("reader", from: 5, to: 6, epoch: 2));
        var there = await CheckpointAsync("reader");
        Assert.Equal((6, 2), (there?.Position.Value, there?.Epoch));
    }

    [Fact]
    public async Task A_commit_with_a_row_of_another_revision_changes_nothing()
    {
        await CreateAsync(Orders);
        await WriteAsync(Put("a"), Put("gone"));
        var (old, gone) = (await ExistingAsync("a"), await ExistingAsync("gone"));
        await WriteAsync(Put("a", old), ModelWrite.Delete(Orders, gone));
        var before = await RowsAsync();

        foreach (var stale in new[]
        {
            Put("a"), Put("a", old), Put("gone", gone), Put("never", gone), ModelWrite.Delete(Orders, old),
            ModelWrite.Delete(Orders, gone),
        })
        {
            var commit = new ModelCommit(Put("first"), stale, Put("last")) { Advance = Move("reader", 0, 5) };
            Assert.Equal(ModelCommitOutcome.RowsChanged, await CommitAsync(commit));
            Assert.Equal(
                ModelCommitOutcome.RowsChanged, await CommitAsync(new ModelCommit(Put("first"), stale, Put("last"))));
        }

        Assert.Equal(before, await RowsAsync());
        Assert.Null(await CheckpointAsync("reader"));
    }

    [Fact]
    public async Task A_row_that_is_written_again_has_the_new_document_position_and_revision()
    {
        await CreateAsync(Orders);
        await WriteAsync(Put("a"), Put("b"));
        var position = new LogPosition(default, new(9));
        var commit = new ModelCommit(
            ModelWrite.Put(Orders, "a", await ExistingAsync("a"), Json("""{"new":1}"""), [null], position));
        Assert.Equal(ModelCommitOutcome.Committed, await CommitAsync(commit));

        var row = await ExistingAsync("a");
        Assert.Equal((position, commit.Id), (row.Position, row.Revision));
        AssertSameJson(Json("""{"new":1}"""), row.Document);
        var other = await ExistingAsync("b");
        Assert.NotEqual(commit.Id, other.Revision);
        AssertSameJson(Json("{}"), other.Document);
    }

    [Fact]
    public async Task A_row_that_is_deleted_is_gone_and_may_be_written_anew()
    {
        await CreateAsync(Orders);
        await WriteAsync(Put("a"), Put("b"));
        await WriteAsync(ModelWrite.Delete(Orders, await ExistingAsync("a")));

        Assert.Null(await RowAsync("a", await OtherAsync()));
        Assert.Single(await RowsAsync());
        await WriteAsync(Put("a", document: """{"new":1}"""));
        AssertSameJson(Json("""{"new":1}"""), (await ExistingAsync("a")).Document);
    }

    [Fact]
    public async Task A_commit_that_moves_a_checkpoint_is_answered_again_where_its_answer_was_lost()
    {
        await CreateAsync(Orders);
        await WriteAsync(Put("gone"));
        var commit = new ModelCommit(Put("a"), ModelWrite.Delete(Orders, await ExistingAsync("gone")))
        {
            Advance = Move("reader", from: 0, to: 5, epoch: 1),
        };
        Assert.Equal(ModelCommitOutcome.Committed, await CommitAsync(commit));
        Assert.Equal(ModelCommitOutcome.Committed, await (await OtherAsync()).CommitAsync(commit, Token));
        Assert.Equal(commit.Id, (await ExistingAsync("a")).Revision);

        // What others have written since stays.
        await WriteAsync(Put("a", await ExistingAsync("a"), """{"new":1}"""), Put("gone"));
        var before = await RowsAsync();
        Assert.Equal(ModelCommitOutcome.Committed, await CommitAsync(commit));
        Assert.Equal(before, await RowsAsync());

        await AdvanceAsync(Move("reader", from: 5, to: 6, epoch: 1));
        Assert.Equal(ModelCommitOutcome.Overtaken, await CommitAsync(commit));
        Assert.Equal(before, await RowsAsync());
    }

    [Fact]
    public async Task Another_commit_with_the_same_move_is_no_retry_of_it()
    {
        await CreateAsync(Orders);
        var move = Move("reader", from: 0, to: 5, epoch: 1);
        await AdvanceAsync(move);

        await AssertOvertakenAsync(move);
    }

    [Fact]
    public async Task A_commit_of_rows_alone_is_answered_again_as_long_as_nothing_else_has_written_them()
    {
        await CreateAsync(Orders);
        await WriteAsync(Put("a"), Put("b"));
        var commit = new ModelCommit(
            Put("a", await ExistingAsync("a")), ModelWrite.Delete(Orders, await ExistingAsync("b")), Put("c"));
        for (var time = 0; time < 2; time++) Assert.Equal(ModelCommitOutcome.Committed, await CommitAsync(commit));
        Assert.Equal(commit.Id, (await ExistingAsync("a")).Revision);
        Assert.Equal(["a", "c"], (await RowsAsync()).Select(static row => row[..1]));

        await WriteAsync(Put("b"));
        var before = await RowsAsync();
        Assert.Equal(ModelCommitOutcome.RowsChanged, await CommitAsync(commit));
        Assert.Equal(before, await RowsAsync());
    }

    [Fact]
    public async Task Of_several_owners_that_commit_at_once_from_one_position_one_commits()
    {
        await CreateAsync(Orders);
        IModelStore[] stores = [Models, await OtherAsync()];
        for (var round = 0; round < 20; round++)
        {
            var from = (await CheckpointAsync("raced"))?.Position.Value ?? 0;
            var shared = await RowAsync("shared");
            var commits = Enumerable.Range(1, 4).Select(
                step => new ModelCommit(Put("shared", shared, $"{{\"by\":{step}}}"), Put($"{round}-{step}"))
                {
                    Advance = Move("raced", from, from + step, epoch: 7),
                }).ToArray();
            var outcomes = await Task.WhenAll(commits.Select((commit, at) => Task.Run(
                async () => await stores[at % 2].CommitAsync(commit, Token), Token)));

            var won = Assert.Single(
                Enumerable.Range(0, 4), at => outcomes[at] == ModelCommitOutcome.Committed);
            Assert.Equal(from + won + 1, (await CheckpointAsync("raced"))?.Position.Value);
            Assert.Equal(commits[won].Id, (await ExistingAsync("shared")).Revision);
            Assert.Equal(round + 2, (await RowsAsync()).Length);
        }
    }

    [Fact]
    public async Task Of_several_writers_of_one_row_at_once_one_commits()
    {
        await CreateAsync(Orders);
        IModelStore[] stores = [Models, await OtherAsync()];
        for (var round = 0; round < 20; round++)
        {
            var there = await RowAsync("raced");
            var commits = Enumerable.Range(0, 4).Select(
                _ => new ModelCommit(Put("raced", there), Put($"beside {round}"))).ToArray();
            var outcomes = await Task.WhenAll(commits.Select((commit, at) => Task.Run(
                async () => await stores[at % 2].CommitAsync(commit, Token), Token)));

            var won = Assert.Single(
                Enumerable.Range(0, 4), at => outcomes[at] == ModelCommitOutcome.Committed);
            Assert.All(
                outcomes.Where((_, at) => at != won),
                static one => Assert.Equal(ModelCommitOutcome.RowsChanged, one));
            Assert.Equal(commits[won].Id, (await ExistingAsync("raced")).Revision);
            Assert.Equal(commits[won].Id, (await ExistingAsync($"beside {round}")).Revision);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_commit_is_seen_at_once_whether_or_not_it_must_survive_a_power_failure(bool durable)
    {
        await CreateAsync(Orders);
        var other = await OtherAsync();
        for (var at = 1; at <= 3; at++)
        {
            var commit = new ModelCommit(Put($"{at}"))
            {
                Advance = Move("reader", at - 1, at), Durable = at == 2 ? !durable : durable,
            };
            Assert.Equal(ModelCommitOutcome.Committed, await CommitAsync(commit));
            Assert.Equal(commit.Id, (await RowAsync($"{at}", other))?.Revision);
            Assert.Equal(commit.Id, (await other.ReadCheckpointAsync("reader", default, Token))?.CommitId);
        }
    }

    [Fact]
    public async Task A_commit_of_as_many_rows_as_are_allowed_lands_whole()
    {
        await CreateAsync(Orders);
        ModelCommit Commit(Func<int, ModelWrite> write) =>
            new(Enumerable.Range(0, ModelCommit.WritesMax).Select(write).ToArray());
        var rows = new List<ModelRow>();
        Assert.Equal(ModelCommitOutcome.Committed, await CommitAsync(Commit(static at => Put($"{at}", amount: at))));
        await CountAsync(ModelCommit.WritesMax);

        Assert.Equal(
            ModelCommitOutcome.Committed,
            await CommitAsync(Commit(at => at % 2 == 0 ? Put(rows[at].Key, rows[at]) : ModelWrite.Delete(
                Orders, rows[at]))));
        await CountAsync(ModelCommit.WritesMax / 2);

        async Task CountAsync(int count)
        {
            rows.Clear();
            for (ModelCursor? after = null; ;)
            {
                var query = new ModelQuery(Orders) { Limit = GranaryLimits.PageSizeMax, After = after };
                var page = await Models.QueryAsync(query, Token);
                rows.AddRange(page.Rows);
                if ((after = page.Next) is null) break;
            }

            Assert.Equal(count, rows.Count);
        }
    }

    [Fact]
    public async Task Nothing_of_a_commit_is_used_after_it_has_returned()
    {
        await CreateAsync(Orders);
        var document = "{\"a\":1}"u8.ToArray();
        await WriteAsync(ModelWrite.Put(Orders, "a", null, document, [1L]));
        document.AsSpan().Fill((byte)' ');

        AssertSameJson(Json("""{"a":1}"""), (await ExistingAsync("a")).Document);
    }

    [Fact]
    public async Task A_commit_into_a_table_that_is_not_there_changes_nothing()
    {
        await CreateAsync(Orders);
        var commit = new ModelCommit(Put("a"), ModelWrite.Put(Totals, "a", null, Json("{}"), []))
        {
            Advance = Move("reader", from: 0, to: 5),
        };

        await Assert.ThrowsAsync<StoreSchemaException>(() => CommitAsync(commit));

        Assert.Null(await RowAsync("a"));
        Assert.Null(await CheckpointAsync("reader"));
        await CreateAsync(Totals);
        Assert.Equal(ModelCommitOutcome.Committed, await CommitAsync(commit));
    }

    [Fact]
    public async Task A_commit_that_is_cancelled_before_it_begins_changes_nothing()
    {
        await CreateAsync(Orders);
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        var commit = new ModelCommit(Put("a")) { Advance = Move("reader", from: 0, to: 5) };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            async () => await Models.CommitAsync(commit, cancelled.Token));

        Assert.Null(await RowAsync("a"));
        Assert.Null(await CheckpointAsync("reader"));
    }

    private async Task AdvanceAsync(ModelAdvance move) => Assert.Equal(
        ModelCommitOutcome.Committed, await CommitAsync(new ModelCommit { Advance = move }));

    /// <summary>
    /// A commit with a row is answered so, whether or not the row has its revision, and neither the row nor the
    /// checkpoint is changed.
    /// </summary>
    private async Task AssertOvertakenAsync(ModelAdvance move)
    {
        var before = await CheckpointAsync(move.Move.Name);
        var gone = new ModelRow("late", Json("{}"), default, 7);
        foreach (var write in new[] { Put("late"), Put("late", gone) })
            Assert.Equal(ModelCommitOutcome.Overtaken, await CommitAsync(new ModelCommit(write) { Advance = move }));
        Assert.Equal(before, await CheckpointAsync(move.Move.Name));
        Assert.Null(await RowAsync("late"));
    }
}
