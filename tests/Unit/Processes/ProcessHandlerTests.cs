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

    private RecordedEvent Open(string key) => _log.Record($"account/{key}", "account-opened", Payload);

    private async Task HandleAsync(params RecordedEvent[] events)
    {
        var grains = DispatchProxy.Create<IGrainFactory, Grains>();
        ((Grains)grains).Faults = _faults;
        var feeds = new ProcessFeeds().Add("account", static (_, recorded) => recorded.Stream.Key);
        var reader = new ProcessReader("watches", typeof(WatchGrain), GrainType.Create("unit-watch"), feeds);
        var handler = new ProcessHandler(reader, new ProcessEvents(Folding<Account>.Decoder()), grains);
        await handler.HandleAsync(new LogBatch(default, events), TestContext.Current.CancellationToken);
    }

    // These two are not sealed: the runtime derives proxies from them.
    internal class Grains : DispatchProxy
    {
        public Dictionary<string, Exception> Faults { get; set; } = [];

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
        {
            var process = Create<IProcessGrain, Process>();
            ((Process)process).Fault = Faults.GetValueOrDefault(((GrainId)args![0]!).Key.ToString()!);
            return process;
        }
    }

    internal class Process : DispatchProxy
    {
        public Exception? Fault { get; set; }

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
            Fault is null ? Task.CompletedTask : Task.FromException(Fault);
    }
}
