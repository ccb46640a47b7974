using System.Diagnostics.Metrics;
using Granary.Runtime;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Orleans.Configuration;
using Orleans.EventSourcing;

namespace Granary.Tests.Unit.Journaling;

/// <summary>One activation: a journal, its turns, and the grain around it, all run by the test.</summary>
internal sealed class WordGrain : ILogViewAdaptorHost<Words, string>, IDisposable
{
    public static readonly StreamName Stream = new("words", "one");

    private readonly ServiceProvider _provider = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly Queue<IThreadPoolWorkItem> _pool = [];

    private readonly ILogger<JournalServices> _logger;

    public WordGrain(ManualStore store, JournalOptions? options = null, ILogger<JournalServices>? logger = null)
    {
        _logger = logger ?? NullLogger<JournalServices>.Instance;
        Store = store;
        Appender = new ManualAppender(store);
        Context = new ManualContext(Turns);
        Journal = MakeJournal(options ?? new JournalOptions());
        Activated = Turns.Call(async () =>
        {
            await Journal.PostOnActivate();
            return true;
        });
    }

    public ManualStore Store { get; }

    public ManualAppender Appender { get; }

    public TurnScheduler Turns { get; } = new();

    public FakeTimeProvider Time { get; } = new();

    public ManualContext Context { get; }

    public Journal<Words, string> Journal { get; }

    /// <summary>The activation: completes when the state is loaded.</summary>
    public Task Activated { get; }

    /// <summary>What is called at each change of a state; may throw.</summary>
    public Action<bool, bool>? Changed { get; set; }

    /// <summary>What is called before an event is applied; may throw.</summary>
    public Action<Words, string>? Applying { get; set; }

    /// <summary>What is called at each failure of the store; may set the delay.</summary>
    public Action<ConnectionIssue>? ConnectionIssue { get; set; }

    public List<string> Confirmed => Journal.ConfirmedView.All;

    public List<string> Tentative => Journal.TentativeView.All;

    /// <summary>Makes an activation over an empty store and runs it until it is loaded.</summary>
    public static WordGrain Activate(ManualStore? store = null, JournalOptions? options = null)
    {
        var grain = new WordGrain(store ?? new ManualStore(), options);
        grain.Turns.RunAll();
        return grain.Activated.IsCompletedSuccessfully ? grain : throw grain.Activated.Exception!;
    }

    /// <summary>What a conditional event was answered; null where it waits, or failed.</summary>
    public static bool? AnswerOf(Task<bool> landed) => landed.IsCompletedSuccessfully ? landed.Result : null;

    /// <summary>Runs a call of the grain until it waits or ends.</summary>
    public Task<TResult> Call<TResult>(Func<Task<TResult>> call)
    {
        var called = Turns.Call(call);
        Turns.RunAll();
        return called;
    }

    /// <inheritdoc cref="Call{TResult}" />
    public Task Call(Func<Task> call) => Call(async () =>
    {
        await call();
        return true;
    });

    /// <summary>Raises an event and does not wait for it.</summary>
    public void Raise(string word) => Call(() =>
    {
        Journal.Submit(word);
        return Task.FromResult(true);
    }).GetAwaiter().GetResult();

    public Task<bool> RaiseConditional(string word) => Call(() => Journal.TryAppend(word));

    public Task Confirm() => Call(Journal.ConfirmSubmittedEntries);

    public Task Refresh() => Call(Journal.Synchronize);

    public Task Clear() => Call(() => Journal.ClearLogAsync(CancellationToken.None));

    /// <summary>Runs what waits on the pool, and the turns that follow.</summary>
    public void RunPool()
    {
        while (_pool.TryDequeue(out var work)) work.Execute();
        Turns.RunAll();
    }

    /// <summary>Lets the append that waits longest land.</summary>
    public void Commit() => Answer(Appender.Commit);

    /// <summary>Fails the append that waits longest, unwritten.</summary>
    public void FailBefore() => Answer(Appender.FailBefore);

    /// <summary>Writes the append that waits longest and loses the answer.</summary>
    public void FailAfter() => Answer(Appender.FailAfter);

    /// <summary>Answers the append that waits longest with a conflict.</summary>
    public void Conflict() => Answer(Appender.Conflict);

    /// <summary>Lets a held read continue.</summary>
    public void ReleaseRead() => Answer(Store.ReleaseRead);

    /// <summary>Fails a held read.</summary>
    public void FailRead() => Answer(Store.FailRead);

    /// <summary>Lets everything continue and succeed until nothing waits.</summary>
    public void RunToCompletion()
    {
        RunPool();
        while (Appender.Waiting > 0 || Store.HeldReads > 0)
        {
            if (Appender.Waiting > 0) Commit();
            else ReleaseRead();
            RunPool();
        }
    }

    /// <summary>
    /// Runs turns and lets time pass until a call has ended: for what waits for the pool, where long reads are decoded.
    /// </summary>
    public async Task WaitAsync(Task call)
    {
        for (var rounds = 0; !call.IsCompleted; rounds++)
        {
            if (rounds > 100_000) throw new InvalidOperationException("The call does not end.");
            await Task.Run(Turns.RunAll);
            Advance(TimeSpan.FromMilliseconds(10));
        }
    }

    /// <summary>Lets time pass, and the turns that follow.</summary>
    public void Advance(TimeSpan time)
    {
        Time.Advance(time);
        Turns.RunAll();
    }

    public void Dispose() => _provider.Dispose();

    void ILogViewAdaptorHost<Words, string>.UpdateView(Words view, string entry)
    {
        Applying?.Invoke(view, entry);
        view.Apply(entry);
    }

    void ILogViewAdaptorHost<Words, string>.OnViewChanged(bool tentative, bool confirmed) =>
        Changed?.Invoke(tentative, confirmed);

    void IConnectionIssueListener.OnConnectionIssue(ConnectionIssue connectionIssue) =>
        ConnectionIssue?.Invoke(connectionIssue);

    void IConnectionIssueListener.OnConnectionIssueResolved(ConnectionIssue connectionIssue)
    {
    }

    private void Answer(Action answer)
    {
        answer();
        Turns.RunAll();
    }

    private Journal<Words, string> MakeJournal(JournalOptions options)
    {
        var snapshots = new MemorySnapshotStore();
        var snapshotOptions = Options.Create(new SnapshotOptions());
        var metrics = new GranaryMetrics(
            _provider.GetRequiredService<IMeterFactory>(), NullLogger<GranaryMetrics>.Instance);
        var siloStore = new SiloStore(Store);
        Assert.True(siloStore.InitializeAsync(CancellationToken.None).IsCompletedSuccessfully);
        var services = new JournalServices(
            Store, siloStore, Appender, snapshots, new SnapshotPolicy(snapshotOptions),
            new SnapshotWriter(snapshots, snapshotOptions, NullLogger<SnapshotWriter>.Instance),
            new NoMetadata(), null!, new AdoptionSources(Options.Create(new AdoptionRules()), _provider),
            Options.Create(options), snapshotOptions, Options.Create(new SiloMessagingOptions()), metrics, Time,
            static _ => new SilentProtocol(), _logger)
        {
            RunOnPool = _pool.Enqueue,
        };
        return new Journal<Words, string>(
            this, new Words(), Stream, Context, services, new(new WordCodec(), new WordsCodec()));
    }

    private sealed class NoMetadata : IMetadataSource
    {
        public EventMetadata Capture() => EventMetadata.Empty;
    }

    private sealed class SilentProtocol : ILogConsistencyProtocolServices
    {
        public GrainId GrainId => default;

        public string MyClusterId => "";

        public T DeepCopy<T>(T value) => value;

        public void ProtocolError(string msg, bool throwexception) => throw new InvalidOperationException(msg);

        public void CaughtException(string where, Exception e)
        {
        }

        public void CaughtUserCodeException(string callback, string where, Exception e)
        {
        }

        public void Log(LogLevel level, string format, params object[] args)
        {
        }
    }
}
