using Granary.Runtime;
using Granary.Tests.Unit.Events;

namespace Granary.Tests.Unit.Projections;

/// <summary>A log of accounts, and a table of models that follows it when a test says so.</summary>
internal sealed class AccountLog
{
    private static readonly IEventCodec<IAccountEvent> Codec = Codecs.Of<IAccountEvent>();

    public AccountLog(Projection<Account>? projection = null, IModelStore? models = null)
    {
        Projection = Folding<Account>.Register(projection ?? new Accounts());
        Models = models ?? new MemoryModelStore();
        Build = new PublishedBuild(
            Projection, new ModelTable($"{Projection.Name}_v1", Projection.Columns), $"{Projection.Name}_v1");
    }

    public MemoryEventStore Store { get; } = new(1);

    public IModelStore Models { get; }

    public RegisteredProjection<Account> Projection { get; }

    public PublishedBuild Build { get; }

    public Guid StoreId { get; private set; }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static StreamName StreamOf(string key) => new("account", key);

    public async Task<AccountLog> InitializeAsync()
    {
        StoreId = (await Store.InitializeAsync(Token)).StoreId;
        await Models.CreateTableAsync(Build.Table, Token);
        await Models.CreateTableAsync(ReaderTables.Parked, Token);
        return this;
    }

    public async Task<LogPosition> AppendAsync(string key, params IAccountEvent[] events)
    {
        var append = new Append(
            StreamOf(key), ExpectedVersion.Any, AppendId.New(TimeProvider.System),
            [.. events.Select(static one => Codec.Encode(one, EventMetadata.Empty))]);
        var result = await Store.CommitAsync(append, Codecs.Now, Token);
        Assert.Equal(AppendOutcome.Appended, result.Outcome);
        return result.Position;
    }

    public async Task ClearAsync(string key)
    {
        var clear = Append.Clear(StreamOf(key), ExpectedVersion.Any, AppendId.New(TimeProvider.System));
        await Store.CommitAsync(clear, Codecs.Now, Token);
    }

    public async Task TruncateAsync(string key, long before)
    {
        var events = Store.ReadStreamAsync(StreamOf(key), new(before - 1), Token);
        await foreach (var stays in events)
        {
            Assert.True(await Store.TruncateAsync(new Truncation(StreamOf(key), stays.Version, stays.Position), Token));
            return;
        }
    }

    /// <summary>Has the models follow the log: as a worker does, rows and checkpoint in one commit.</summary>
    /// <param name="limit">How many events at most.</param>
    /// <param name="storeId">The log that the checkpoint is said to be of; null for this one.</param>
    public async Task FollowAsync(int limit = 1_000, Guid? storeId = null)
    {
        var found = await Models.ReadCheckpointAsync(Build.Reader, default, Token);
        var from = found?.Position ?? GlobalPosition.Zero;
        var page = await Store.ReadLogAsync(new LogPosition(default, from), Projection.Filter, limit, Token);
        var handled = await Projection.CreateHandler(Build.Table, default, Models)
            .HandleAsync(new LogBatch(default, page.Events), Token);
        var move = new CheckpointAdvance(Build.Reader, default, from, page.Through, 1);
        var commit = new ModelCommit(handled.Writes)
        {
            Advance = new ModelAdvance(move, storeId ?? StoreId, page.Events.LastOrDefault()?.Id ?? Guid.Empty),
        };
        Assert.Equal(ModelCommitOutcome.Committed, await Models.CommitAsync(commit, Token));
    }

    public async Task<ModelRow?> ReadRowAsync(string key) =>
        (await Models.ReadAsync(Build.Table, [key], Token)).SingleOrDefault();

    /// <summary>Changes a row, or makes or deletes one, past the projection.</summary>
    public async Task ChangeRowAsync(string key, string? document)
    {
        var row = await ReadRowAsync(key);
        var write = document is null
            ? ModelWrite.Delete(Build.Table, row!)
            : ModelWrite.Put(
                Build.Table, key, row, System.Text.Encoding.UTF8.GetBytes(document), ["x", 0L],
                row?.Position ?? default);
        Assert.Equal(ModelCommitOutcome.Committed, await Models.CommitAsync(new ModelCommit(write), Token));
    }

    public async Task ParkAsync(string key, LogPosition position)
    {
        var failed = (await Store.ReadLogAsync(
            position with { Position = new(position.Position.Value - 1) }, LogFilter.All, 1, Token)).Events[0];
        var document = ParkedRow.Describe(Build.Reader, failed, new InvalidOperationException("It fails."), 1, default);
        Assert.Equal(StreamOf(key), failed.Stream);
        var commit = new ModelCommit(ParkedRow.Put(document, null));
        Assert.Equal(ModelCommitOutcome.Committed, await Models.CommitAsync(commit, Token));
    }
}
