using Granary.Runtime;
using Granary.Tests.Unit.Following;

namespace Granary.Tests.Unit.Deliveries;

/// <summary>A log in memory, a durable subscription to it, and its workers.</summary>
internal sealed class DeliveredLog : IAsyncDisposable
{
    public static readonly TimeSpan Lease = TimeSpan.FromMinutes(1);

    private const string Name = "mailer";

    public FollowedLog Log { get; } = new();

    public SubscriptionSettings Settings { get; set; } = new() { Lease = Lease, TriesMax = 3 };

    public LogWorker Worker { get; private set; } = null!;

    public Task Running { get; private set; } = Task.CompletedTask;

    /// <summary>Where the worker is called; one that has ended is started again, as a supervisor does.</summary>
    public DeliveryDesk Desk
    {
        get
        {
            if (Running.IsCompleted) StartWorker();
            return Worker.Desk!;
        }
    }

    /// <summary>The subscription's id: another one where it was deleted and created again.</summary>
    public Guid Id { get; set; } = new(1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1);

    public WorkerDefinition Definition => SubscriptionWorkers.Define(Name, SubscriptionDocument.Of(Settings, Id));

    private static CancellationToken Token => FollowedLog.Token;

    /// <summary>A log with streams of three events each, and a worker.</summary>
    public static async Task<DeliveredLog> StartAsync(int streams, SubscriptionSettings? settings = null)
    {
        var log = new DeliveredLog();
        log.Settings = settings ?? log.Settings;
        await log.Log.StartTablesAsync();
        await log.Log.Models.CreateTableAsync(DeliveryTables.Deliveries, Token);
        await log.Log.Models.CreateTableAsync(DeliveryTables.Owners, Token);
        await log.Log.Models.CreateTableAsync(DeliveryTables.Subscriptions, Token);
        for (var i = 1; i <= 3; i++)
        {
            for (var at = 0; at < streams; at++) await log.Log.AppendAsync($"s{at}", $"{i}");
        }

        await log.BeginAsync();
        log.StartWorker();
        return log;
    }

    /// <summary>Stores where the subscription begins, as its creation does.</summary>
    public async Task BeginAsync()
    {
        var claim = await SubscriptionClaim.ReadAsync(Log.Models, Name, Token);
        await claim.ReplaceAsync(SubscriptionDocument.Of(Settings, Id), Token);
        await SubscriptionRows.BeginAsync(Definition, default, Log.CreateServices(), claim, Token);
    }

    /// <summary>Deletes what the subscription has stored, as its deletion does.</summary>
    public async Task EndAsync()
    {
        var claim = await SubscriptionClaim.ReadAsync(Log.Models, Name, Token);
        await new SubscriptionRows(Log.Models).DeleteAsync(Name, 1, keepsReader: false, claim, Token);
        await claim.ReplaceAsync(null, Token);
    }

    /// <summary>Starts a worker, beside the one before.</summary>
    public void StartWorker() => (Worker, Running) = Log.Start(Definition);

    public async Task<IReadOnlyList<Delivery>> NextAsync(int limit = 100, TimeSpan? lease = null)
    {
        var events = await Desk.NextAsync(limit, lease, null, Token).WaitAsync(FollowedLog.Patience, Token);
        return events;
    }

    /// <summary>Asks until there are events.</summary>
    public async Task<IReadOnlyList<Delivery>> SomeAsync(int count = 1)
    {
        var all = new List<Delivery>();
        await FollowedLog.UntilAsync(async () =>
        {
            all.AddRange(await NextAsync());
            return all.Count >= count;
        });
        return all;
    }

    /// <returns>The leases that are none any more.</returns>
    public async Task<IReadOnlyList<string>> AckAsync(params IEnumerable<Delivery> events) =>
        await Desk.EndAsync(Names(events), null, Token).WaitAsync(FollowedLog.Patience, Token);

    /// <returns>The leases that are none any more.</returns>
    public async Task<IReadOnlyList<string>> NackAsync(LeaseRefusal refusal, params IEnumerable<Delivery> events) =>
        await Desk.EndAsync(Names(events), refusal, Token).WaitAsync(FollowedLog.Patience, Token);

    /// <summary>Waits until the checkpoint has passed all events.</summary>
    public Task PassedAsync() => Log.PassedAsync(Worker);

    /// <summary>Asks the worker for something about a parked stream.</summary>
    public async Task RequestAsync(string stream, ParkedRequest request) =>
        Assert.True(await TryRequestAsync(stream, request));

    /// <returns>Whether the stream was parked, and the request is stored.</returns>
    public async Task<bool> TryRequestAsync(string stream, ParkedRequest request)
    {
        var key = ParkedRow.KeyOf(Name, new StreamName("test", stream));
        var rows = await Log.Models.ReadAsync(ReaderTables.Parked, [key], Token);
        if (rows.Count == 0) return false;
        var row = ParkedRow.Of(rows[0]);
        try
        {
            var put = ParkedRow.Put(row.Document with { Request = request }, row.Row);
            var outcome = await Log.Models.CommitAsync(new ModelCommit(put), Token);
            Worker.Steer();
            return outcome == ModelCommitOutcome.Committed;
        }
        catch (StoreUnavailableException)
        {
            return false;
        }
    }

    public async Task SetPausedAsync(bool paused)
    {
        await new ReaderSettings(Log.Models).ChangeAsync(Name, one => one with { Paused = paused }, Token);
        Worker.Steer();
        await FollowedLog.UntilAsync(() => Task.FromResult(Worker.Progress.State == ReaderState.Paused == paused));
    }

    public async Task<IReadOnlyList<ModelRow>> ReadDeliveriesAsync() =>
        await Log.Models.ReadDeliveriesAsync(Name, default, Token);

    /// <summary>The streams and versions, as in <c>s0:1</c>.</summary>
    public static IEnumerable<string> Named(IEnumerable<Delivery> events) =>
        events.Select(static one => $"{one.Event.Stream.Key}:{one.Event.Version.Value}");

    public ValueTask DisposeAsync() => Log.DisposeAsync();

    private static LeaseName[] Names(IEnumerable<Delivery> events) =>
        [.. events.Select(static one => LeaseName.Parse(one.Lease, 1))];
}
