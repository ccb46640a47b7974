using Granary.Runtime;
using Granary.Tests.Unit.Following;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Granary.Tests.Unit.Retention;

/// <summary>Which readers of the log hold back what is removed of a stream.</summary>
public sealed class LogReadersTests
{
    private static readonly StreamName Order = new("order", "1");

    private readonly LossyModels _models = new(new MemoryModelStore());
    private readonly MemoryCheckpointStore _checkpoints = new();
    private readonly Source _source = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_one_that_is_furthest_behind_holds_back_whichever_store_has_its_checkpoint()
    {
        Assert.Null(await FindAsync(Order));
        await MoveAsync("models", 7);
        Assert.Equal(new LogReader("models", new(7)), await FindAsync(Order));
        await _checkpoints.AdvanceAsync(
            new CheckpointAdvance("outside", default, GlobalPosition.Zero, new(5), 1), Token);
        Assert.Equal(new LogReader("outside", new(5)), await FindAsync(Order));
    }

    [Fact]
    public async Task One_with_a_checkpoint_in_another_partition_alone_stands_at_the_start()
    {
        await MoveAsync("models", 7);
        Assert.Equal(
            new LogReader("models", GlobalPosition.Zero), await FindAsync(Order, new LogPartition(1)));
    }

    [Fact]
    public async Task One_that_takes_no_events_of_the_stream_does_not_where_its_code_is_here()
    {
        await MoveAsync("orders", 9);
        await MoveAsync("accounts", 5);
        await MoveAsync("stream", 4);
        await MoveAsync("types", 8);
        await MoveAsync("gone", 7);
        Add("orders", new LogFilter { Categories = new HashSet<string> { "order" } });
        Add("accounts", new LogFilter { Categories = new HashSet<string> { "account" } });
        Add("stream", new LogFilter { Streams = new HashSet<StreamName> { new("order", "2") } });
        Add("types", new LogFilter { EventTypes = new HashSet<string> { "sold" } });

        Assert.Equal("gone", (await FindAsync(Order))?.Name);
        await _models.DeleteCheckpointsAsync("gone", Token);
        Assert.Equal("types", (await FindAsync(Order))?.Name);
        await _models.DeleteCheckpointsAsync("types", Token);
        Assert.Equal("orders", (await FindAsync(Order))?.Name);
        Assert.Equal("stream", (await FindAsync(new("order", "2")))?.Name);
        Assert.Equal("accounts", (await FindAsync(new("account", "1")))?.Name);
    }

    [Fact]
    public async Task A_parked_stream_is_held_back_from_the_event_that_failed_on_and_no_other_is()
    {
        await MoveAsync("orders", 9);
        var parked = new ParkedDocument(
            "orders", Order.Category, Order.Key, 0, 4, 2, "sold", "It fails.", DateTimeOffset.UnixEpoch, 5);
        await _models.CreateTableAsync(ReaderTables.Parked, Token);
        await _models.CommitAsync(new ModelCommit(ParkedRow.Put(parked, null)), Token);

        Assert.Equal(new LogReader("orders", new(3)), await FindAsync(Order));
        Assert.Equal(new LogReader("orders", new(9)), await FindAsync(new("order", "2")));
    }

    [Fact]
    public async Task What_its_checkpoints_say_survives_a_power_failure_before_anything_is_removed_by_it()
    {
        var durable = new List<bool>();
        _models.OnCommit = commit =>
        {
            durable.Add(commit.Durable);
            return Task.CompletedTask;
        };
        await FindAsync(Order);
        Assert.Empty(durable);
        await MoveAsync("orders", 9);
        await using var services = Services();
        var readers = new LogReaders(services);
        await readers.FindFurthestBehindAsync(Order, default, Token);
        Assert.Equal([false, true], durable);
        await readers.FindFurthestBehindAsync(Order, default, Token);
        Assert.Equal([false, true], durable);
        await MoveAsync("accounts", 5);
        await readers.FindFurthestBehindAsync(Order, default, Token);
        Assert.Equal([false, true, false, true], durable);
    }

    [Fact]
    public async Task One_whose_worker_in_another_silo_takes_more_than_its_code_here_holds_back_what_that_takes()
    {
        await MoveAsync("orders", 9);
        await MoveAsync("any", 9);
        await _models.CreateTableAsync(ReaderTables.Begun, Token);
        Add("orders", new LogFilter { Categories = new HashSet<string> { "order" } });
        Add("any", new LogFilter { Categories = new HashSet<string> { "order" } });
        var account = new StreamName("account", "1");
        Assert.Null(await FindAsync(account));

        await BeginAsync("orders", ["account", "order"]);
        Assert.Equal("orders", (await FindAsync(account))?.Name);
        Assert.Null(await FindAsync(account, new LogPartition(1)));
        Assert.Null(await FindAsync(new("cart", "1")));
        await BeginAsync("any", null);
        Assert.Equal("any", (await FindAsync(new("cart", "1")))?.Name);
    }

    private async Task BeginAsync(string reader, IReadOnlyList<string>? categories) => Assert.Equal(
        ModelCommitOutcome.Committed,
        await _models.CommitAsync(
            new ModelCommit(BegunRow.Put(reader, default, null, new BegunDocument(categories))), Token));

    private ServiceProvider Services() => new ServiceCollection()
        .AddSingleton<IModelStore>(_models)
        .AddSingleton<ICheckpointStore>(_checkpoints)
        .AddSingleton(new WorkerRegistry([_source], NullLogger<WorkerRegistry>.Instance))
        .BuildServiceProvider();

    private async Task<LogReader?> FindAsync(StreamName stream, LogPartition partition = default)
    {
        await _models.CreateTableAsync(ReaderTables.Parked, Token);
        await using var services = Services();
        return await new LogReaders(services).FindFurthestBehindAsync(stream, partition, Token);
    }

    private async Task MoveAsync(string reader, long to) => Assert.Equal(
        ModelCommitOutcome.Committed,
        await _models.CommitAsync(
            new ModelCommit([])
            {
                Advance = new ModelAdvance(
                    new CheckpointAdvance(reader, default, GlobalPosition.Zero, new(to), 1), Guid.Empty, Guid.Empty),
            },
            Token));

    private void Add(string name, LogFilter filter) => _source.Readers.Add(new WorkerDefinition
    {
        Name = name,
        Kind = ReaderKind.Reactor,
        CreateHandler = static _ => throw new NotSupportedException("It is not run."),
        Filter = filter,
    });

    private sealed class Source : IWorkerSource
    {
        public List<WorkerDefinition> Readers { get; } = [];

        public ValueTask<IReadOnlyList<WorkerDefinition>> ReadAsync(CancellationToken cancellationToken) =>
            ValueTask.FromResult<IReadOnlyList<WorkerDefinition>>([.. Readers]);
    }
}
