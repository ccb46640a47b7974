using Granary.Runtime;
using Granary.Testing;
using Granary.Tests.Unit.Retention;
using Microsoft.Extensions.DependencyInjection;
using static Granary.ModelComparison;

namespace Granary.Tests.Unit.Projections;

/// <summary>Models are read by key and by columns, from a silo and from a client, and after what was written.</summary>
public sealed class ModelReaderTests : IAsyncLifetime
{
    private GranaryTestCluster _cluster = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private ModelReader<TallyModel> Reader => new(_cluster.Grains, "tallies");

    public async ValueTask InitializeAsync()
    {
        _cluster = await GranaryTestCluster.StartAsync(new GranaryTestClusterOptions
        {
            Configure = static (_, granary) => granary.AddProjection<Tallies>(),
        });
        foreach (var (key, total) in new[] { ("a", 5), ("b", 1), ("c", 5), ("d", 3), ("e", -2) })
            await _cluster.Grains.GetGrain<ITallyGrain>(key).Add(total);
        await FollowedAsync();
    }

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Fact]
    public async Task A_model_is_found_by_its_key_and_by_a_reader_of_the_silos_services()
    {
        Assert.Equal(new TallyModel { Total = 5, Count = 1 }, await Reader.FindAsync("a", null, Token));
        Assert.Null(await Reader.FindAsync("nobody", null, Token));
        var services = _cluster.Cluster.Silos[0].ServiceProvider;
        var reader = services.GetRequiredService<IModelReader<TallyModel>>();
        Assert.Equal(3, (await reader.FindAsync("d", null, Token))!.Total);
    }

    [Theory]
    [InlineData("total", Equal, "5", "a c")]
    [InlineData("total", Less, "1", "e")]
    [InlineData("total", LessOrEqual, "1", "b e")]
    [InlineData("total", Greater, "3", "a c")]
    [InlineData("total", GreaterOrEqual, "3", "a c d")]
    [InlineData("total", Equal, null, "")]
    [InlineData("total", Greater, null, "")]
    [InlineData("key", Equal, "b", "b")]
    [InlineData("key", Greater, "c", "d e")]
    [InlineData("key", LessOrEqual, "b", "a b")]
    public async Task A_condition_compares_a_column_or_the_key(
        string column, ModelComparison comparison, string? value, string keys)
    {
        var page = await QueryAsync(new ModelRequest("")
        {
            Conditions = [new ModelRequestCondition(column, comparison, value)],
        });
        Assert.Equal(keys, Keys(page));
    }

    [Fact]
    public async Task A_projection_can_be_read_as_soon_as_its_silo_runs()
    {
        await using var cluster = await GranaryTestCluster.StartAsync(new GranaryTestClusterOptions
        {
            Configure = static (_, granary) => granary.AddProjection<Tallies>(),
        });
        Assert.Null(await new ModelReader<TallyModel>(cluster.Grains, "tallies").FindAsync("a", null, Token));
    }

    [Fact]
    public async Task Where_no_supervisor_has_looked_yet_the_first_who_asks_has_the_build_begun()
    {
        var models = new MemoryModelStore();
        var services = _cluster.Cluster.Silos[0].ServiceProvider;
        var workers = new ProjectionWorkers(
            services.GetServices<IProjection>(), [], new OtherModels(services, models));
        Assert.Equal("tallies_v1", (await workers.FindAsync("tallies", Token))!.Reader);
        Assert.Null(await workers.FindAsync("nothing", Token));
        var reader = Assert.Single(await workers.ReadAsync(Token));
        Assert.Equal("tallies_v1", reader.Name);
    }

    [Fact]
    public async Task All_conditions_have_to_be_true() => Assert.Equal("c", Keys(await QueryAsync(new ModelRequest("")
    {
        Conditions =
        [
            new ModelRequestCondition("total", Equal, "5"), new ModelRequestCondition("key", Greater, "a"),
        ],
    })));

    [Theory]
    [InlineData(null, false, "a b c d e")]
    [InlineData("key", true, "e d c b a")]
    [InlineData("total", false, "e b d a c")]
    [InlineData("total", true, "c a d b e")]
    public async Task Pages_of_every_size_add_up_to_the_whole_in_order(string? orderBy, bool descending, string keys)
    {
        for (var limit = 1; limit <= 6; limit++)
        {
            var (found, after) = (new List<string>(), default(string));
            do
            {
                var page = await QueryAsync(new ModelRequest("")
                {
                    OrderBy = orderBy, Descending = descending, Limit = limit, After = after,
                });
                Assert.InRange(page.Models.Count, 0, limit);
                found.AddRange(page.Models.Select(static one => one.Key));
                after = page.Next;
            }
            while (after is not null);
            Assert.Equal(keys, string.Join(' ', found));
        }
    }

    [Fact]
    public async Task What_a_query_names_wrongly_is_an_error_that_says_what_there_is()
    {
        var error = await RefusedAsync(new ModelRequest("") { OrderBy = "count" });
        Assert.Contains(
            "'count': There is no such column. There are: key, total.", error.Message, StringComparison.Ordinal);
        await RefusedAsync(Where("owner", "x"));
        error = await RefusedAsync(Where("total", "1.5"));
        Assert.Contains("'1.5': It is no value of the column total", error.Message, StringComparison.Ordinal);
        await RefusedAsync(Where("key", null));
        await RefusedAsync(new ModelRequest("") { Limit = 0 });
        await RefusedAsync(new ModelRequest("") { Limit = GranaryLimits.PageSizeMax + 1 });
        await RefusedAsync(new ModelRequest("")
        {
            Conditions = [.. Enumerable.Repeat(new ModelRequestCondition("total", Equal, "1"), 17)],
        });
        foreach (var after in new[] { "", "x", "!", "bnVsbA", "W10", "WyIxIl0", "WyJ4IiwiYSJd" })
            await RefusedAsync(new ModelRequest("") { OrderBy = "total", After = after });
        var next = (await QueryAsync(new ModelRequest("") { OrderBy = "total", Limit = 1 })).Next;
        await RefusedAsync(new ModelRequest("") { After = next });
        await Assert.ThrowsAsync<ProjectionUnknownException>(
            () => new ModelReader<TallyModel>(_cluster.Grains, "nothing").FindAsync("a", null, Token));
    }

    [Fact]
    public async Task A_caller_reads_what_it_has_written_and_is_told_where_the_models_stay_behind()
    {
        await _cluster.Grains.GetGrain<ITallyGrain>("a").Add(10);
        var end = await EndAsync();
        Assert.Equal(15, (await Reader.FindAsync("a", ModelWait.For(end), Token))!.Total);
        var page = await QueryAsync(new ModelRequest("")
        {
            Conditions = [new ModelRequestCondition("total", Equal, "15")], Wait = ModelWait.For(end),
        });
        Assert.Equal("a", Keys(page));

        var further = end with { Position = new GlobalPosition(end.Position.Value + 1) };
        var error = await Assert.ThrowsAsync<ModelsBehindException>(
            () => Reader.WaitForAsync(ModelWait.For(further, TimeSpan.Zero), Token));
        Assert.Equal(("tallies", $"{further}", $"{end}"), (error.Projection, $"{error.Asked}", $"{error.Passed}"));
        var waiting = Reader.FindAsync("b", ModelWait.For(further, TimeSpan.FromSeconds(50)), Token);
        await _cluster.Grains.GetGrain<ITallyGrain>("b").Add(10);
        Assert.Equal(11, (await waiting.WaitAsync(TimeSpan.FromSeconds(30), Token))!.Total);
        var elsewhere = new LogPosition(new LogPartition(3), new GlobalPosition(1));
        await Assert.ThrowsAsync<ModelQueryException>(() => Reader.WaitForAsync(ModelWait.For(elsewhere), Token));
    }

    [Theory]
    [InlineData(ModelColumnKind.Text, "é 1")]
    [InlineData(ModelColumnKind.Integer, "-9223372036854775808")]
    [InlineData(ModelColumnKind.Number, "0.1")]
    [InlineData(ModelColumnKind.Number, "-1.7976931348623157E+308")]
    [InlineData(ModelColumnKind.Decimal, "79228162514264337593543950335")]
    [InlineData(ModelColumnKind.Decimal, "1.50")]
    [InlineData(ModelColumnKind.Boolean, "false")]
    [InlineData(ModelColumnKind.Time, "2026-02-03T04:05:06.123456+02:00")]
    public void A_value_of_every_kind_comes_back_from_a_cursor_as_it_was(ModelColumnKind kind, string text)
    {
        var column = new ModelColumn("column", kind);
        var value = column.Normalize(ModelValues.Parse(column, text));
        Assert.NotNull(value);
        var cursor = new ModelCursor(value, "k\"\0\U0001F600");
        Assert.Equal(cursor, ModelValues.ParseCursor(ModelValues.Write(cursor), column));
        var none = new ModelCursor(null, "k");
        Assert.Equal(none, ModelValues.ParseCursor(ModelValues.Write(none), column));
    }

    [Theory]
    [InlineData(ModelColumnKind.Integer, "1.0")]
    [InlineData(ModelColumnKind.Integer, "")]
    [InlineData(ModelColumnKind.Integer, "9223372036854775808")]
    [InlineData(ModelColumnKind.Number, "NaN")]
    [InlineData(ModelColumnKind.Number, "1,5")]
    [InlineData(ModelColumnKind.Decimal, "x")]
    [InlineData(ModelColumnKind.Boolean, "True")]
    [InlineData(ModelColumnKind.Time, "yesterday")]
    public void A_text_that_is_no_value_of_a_kind_is_refused(ModelColumnKind kind, string text) =>
        Assert.Throws<ModelQueryException>(() => ModelValues.Parse(new ModelColumn("column", kind), text));

    private static ModelRequest Where(string column, string? value) =>
        new("") { Conditions = [new ModelRequestCondition(column, Equal, value)] };

    private static string Keys(ModelList<TallyModel> page) =>
        string.Join(' ', page.Models.Select(static one => one.Key));

    private Task<ModelList<TallyModel>> QueryAsync(ModelRequest request) => Reader.QueryAsync(request, Token);

    private Task<ModelQueryException> RefusedAsync(ModelRequest request) =>
        Assert.ThrowsAsync<ModelQueryException>(() => QueryAsync(request));

    private async Task<LogPosition> EndAsync()
    {
        var page = await _cluster.Store.ReadLogAsync(LogPosition.StartOf(default), LogFilter.All, 1, Token);
        return new LogPosition(default, page.End);
    }

    private async Task FollowedAsync()
    {
        var (end, patience) = (await EndAsync(), TimeSpan.FromSeconds(60));
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(Token);
        ends.CancelAfter(patience);
        while ((await _cluster.Models.ReadCheckpointAsync("tallies_v1", default, ends.Token))?.Position != end.Position)
        {
            ends.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    /// <summary>A silo's services with another store of models.</summary>
    private sealed class OtherModels(IServiceProvider services, IModelStore models) : IServiceProvider
    {
        public object? GetService(Type serviceType) =>
            serviceType == typeof(IModelStore) ? models : services.GetService(serviceType);
    }
}
