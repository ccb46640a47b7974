using System.Diagnostics.Metrics;
using System.Net;
using System.Threading.Channels;
using Granary.Runtime;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Granary.Tests.Unit.Appending.Routing;

/// <summary>The appender of one of several silos, as far as it commits for others and lets others commit.</summary>
internal sealed class RoutingSilo : IPartitionOwners, IAsyncDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();

    public RoutingSilo(EpochStore store, AppenderOptions? options = null)
    {
        Store = store;
        var settings = Options.Create(options ?? new AppenderOptions());
        var metrics = new GranaryMetrics(
            _services.GetRequiredService<IMeterFactory>(), NullLogger<GranaryMetrics>.Instance);
        SiloStore = new SiloStore(store);
        Appender = new Appender(
            store,
            new CommitRoutes(store, SiloStore, settings, metrics, Time, NullLogger<CommitRoutes>.Instance, this),
            SiloStore, settings, metrics, Time, NullLogger<Appender>.Instance);
        Commits = new RoutedCommits(Appender, store, SiloStore);
    }

    public static TimeSpan RouteTimeout { get; } = TimeSpan.FromMilliseconds(new AppenderOptions().RouteTimeoutMs);

    public static SiloAddress Owner { get; } = SiloAddress.New(new IPEndPoint(IPAddress.Loopback, 11_111), 1);

    public EpochStore Store { get; }

    public SiloStore SiloStore { get; }

    public Appender Appender { get; }

    public RoutedCommits Commits { get; }

    public RouteClock Time { get; } = new();

    /// <summary>How the owner answers; where it is null, this silo is the owner.</summary>
    public Func<RoutedBatch, Task<RoutedAnswer>>? OwnerAnswers { get; set; }

    public int Sent { get; private set; }

    public SiloAddress? FindOther(LogPartition partition) => OwnerAnswers is null ? null : Owner;

    public Task<RoutedAnswer> SendAsync(SiloAddress owner, RoutedBatch batch)
    {
        Sent++;
        return OwnerAnswers!(batch);
    }

    /// <summary>Appends an event to a stream, whatever its version is.</summary>
    public Task<AppendResult> AppendAsync(string key) => AppendAsync(AppenderHarness.Of(key));

    public Task<AppendResult> AppendAsync(Append append) =>
        Appender.AppendAsync(append, CancellationToken.None).AsTask()
            .WaitAsync(GateStore.Patience, TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        await Appender.DrainAsync(new CancellationToken(canceled: true));
        await _services.DisposeAsync();
    }

    /// <summary>
    /// A clock that reports when an owner's answer, or the next try to begin an epoch, is waited for.
    /// </summary>
    internal sealed class RouteClock : FakeTimeProvider
    {
        private readonly Channel<TimeSpan> _waits = Channel.CreateUnbounded<TimeSpan>();

        public override ITimer CreateTimer(
            TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = base.CreateTimer(callback, state, dueTime, period);
            if (dueTime == RouteTimeout || dueTime == OwnerRoute.BeginsAgainAfter) _waits.Writer.TryWrite(dueTime);
            return timer;
        }

        /// <summary>Forgets the waits that have ended.</summary>
        public void Forget()
        {
            while (_waits.Reader.TryRead(out _)) continue;
        }

        /// <summary>How long the next wait is, when it has begun.</summary>
        public Task<TimeSpan> NextAsync() => _waits.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask()
            .WaitAsync(GateStore.Patience, TestContext.Current.CancellationToken);

        /// <summary>Lets the next wait run out of its time, when it has begun.</summary>
        public async Task ExpireNextAsync() => Advance(await NextAsync());
    }
}
