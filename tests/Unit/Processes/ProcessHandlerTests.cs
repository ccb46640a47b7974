using System.Collections.Concurrent;
using System.Reflection;
using Granary.Runtime;
using Granary.Tests.Unit.Projections;

namespace Granary.Tests.Unit.Processes;

/// <summary>Whose fault it is when a process does not handle an event.</summary>
public sealed class ProcessHandlerTests
{
    private static readonly byte[] Payload = """{"owner":"Ada","currency":"EUR","overdraftLimit":0}"""u8.ToArray();

    private readonly Folding<Account> _log = new(new Accounts());
    private readonly Dictionary<string, Exception> _faults = [];
    private readonly ConcurrentQueue<DateTimeOffset?> _causes = new();

    public static TheoryData<Exception> Away() =>
    [
        new EventsNotConfirmedException(new("unit-watch", "a"), new(1), 1, "The store is away."),
        new SiloUnavailableException("The silo is away."), new StoreUnavailableException("The store is away."),
    ];

    [Fact]
    public async Task Of_the_events_that_fail_the_first_one_is_named()
    {
        RecordedEvent[] events = [Open("a"), Open("b"), Open("c")];
        _faults["c"] = new InvalidOperationException("c fails.");
        _faults["b"] = new InvalidOperationException("b fails.");
        var fault = await Assert.ThrowsAsync<EventFailedException>(() => HandleAsync(events));
        Assert.Same(events[1], fault.Failed);
    }

    [Theory]
    [MemberData(nameof(Away), DisableDiscoveryEnumeration = true)]
    public async Task A_process_that_cannot_be_reached_is_no_events_fault_though_another_one_fails(Exception away)
    {
        _faults["a"] = new InvalidOperationException("a fails.");
        _faults["b"] = away;
        await Assert.ThrowsAsync<StoreUnavailableException>(() => HandleAsync(Open("a"), Open("b")));
    }

    [Fact]
    public async Task What_the_session_before_may_have_handled_is_handed_over_with_its_time_and_what_follows_is_not()
    {
        var handler = Handler();
        for (var at = 0; at < ProcessReader.BatchEventsMax; at++) await HandleAsync(handler, 1, Open("a"));
        Assert.All(_causes, static cause => Assert.NotNull(cause));

        _causes.Clear();
        var later = Open("a");
        await HandleAsync(handler, 1, later);
        Assert.Null(Assert.Single(_causes));

        // The batch was not committed.
        _causes.Clear();
        await HandleAsync(handler, 1, later, Open("a"));
        Assert.Equal([later.Timestamp, null], _causes);
    }

    [Fact]
    public async Task The_events_of_a_parked_stream_are_handed_over_with_their_times_and_count_for_none()
    {
        var handler = Handler();
        for (var at = 0; at < 2 * ProcessReader.BatchEventsMax; at++) await HandleAsync(handler, 6, Open("a"));
        for (var at = 0; at < ProcessReader.BatchEventsMax; at++) await HandleAsync(handler, 1, Open("a"));
        Assert.All(_causes, static cause => Assert.NotNull(cause));
        Assert.Equal(3 * ProcessReader.BatchEventsMax, _causes.Count);
    }

    private RecordedEvent Open(string key) => _log.Record($"account/{key}", "account-opened", Payload);

    private Task HandleAsync(params RecordedEvent[] events) => HandleAsync(Handler(), 1, events);

    private static async Task HandleAsync(ProcessHandler handler, int number, params RecordedEvent[] events) =>
        await handler.HandleAsync(new LogBatch(default, events, number), TestContext.Current.CancellationToken);

    private ProcessHandler Handler()
    {
        var grains = DispatchProxy.Create<IGrainFactory, Grains>();
        (((Grains)grains).Faults, ((Grains)grains).Causes) = (_faults, _causes);
        var feeds = new ProcessFeeds().Add("account", static (_, recorded) => recorded.Stream.Key);
        var reader = new ProcessReader("watches", typeof(WatchGrain), GrainType.Create("unit-watch"), feeds);
        return new ProcessHandler(reader, new ProcessEvents(Folding<Account>.Decoder()), grains);
    }

    // These two are not sealed: the runtime derives proxies from them.
    internal class Grains : DispatchProxy
    {
        public Dictionary<string, Exception> Faults { get; set; } = [];

        public ConcurrentQueue<DateTimeOffset?> Causes { get; set; } = new();

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
        {
            var process = Create<IProcessGrain, Process>();
            ((Process)process).Causes = Causes;
            ((Process)process).Fault = Faults.GetValueOrDefault(((GrainId)args![0]!).Key.ToString()!);
            return process;
        }
    }

    internal class Process : DispatchProxy
    {
        public Exception? Fault { get; set; }

        public ConcurrentQueue<DateTimeOffset?> Causes { get; set; } = new();

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
        {
            Causes.Enqueue(CommandCause.Time);
            return Fault is null ? Task.CompletedTask : Task.FromException(Fault);
        }
    }
}
