using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Granary.Runtime;

/// <summary>
/// Has the store remove the content of what was cleared, in steps between which other commits get their turn: once the
/// store is ready, after each clearing of this silo, and every minute, as another process may have ended before it had
/// removed what it cleared.
/// </summary>
internal sealed class Scrubber : IAsyncDisposable
{
    /// <summary>Of how many events a step removes the content at most.</summary>
    public const int StepEvents = 2_000;

    /// <summary>How often it is looked for what is left, and tried again after a failure.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    // Writers of other processes may not be woken when the store is free: they look from time to time. So the store is
    // free for as long as a step has taken, within bounds.
    public static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan PauseMax = TimeSpan.FromSeconds(1);

    private readonly IEventStore _store;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Channel<bool> _due = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    private readonly ITimer _timer;
    private Task _running = Task.CompletedTask;

    // After a failure nothing is tried until the next tick: clearings request it at any time.
    private volatile bool _waitsForTick;
    private bool _hasFailed;

    public Scrubber(IEventStore store, Appender appender, TimeProvider time, ILogger<Scrubber> logger)
    {
        (_store, _time, _logger) = (store, time, logger.Guarded());
        _timer = time.CreateTimer(_ => Tick(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        appender.Cleared += Request;
    }

    /// <summary>Begins; called once, when the store is ready.</summary>
    public void Start()
    {
        using (ExecutionContext.SuppressFlow()) _running = Task.Run(RunAsync, CancellationToken.None);
        _timer.Change(Interval, Interval);
        Request();
    }

    /// <summary>Begins no further step, and waits for the one that runs until the token is cancelled.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _timer.DisposeAsync();
        await _stopping.CancelAsync();
        await _running.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        // Where the silo's time to stop ran out, a store that hangs must not keep the process from ending either.
        if (!_stopping.IsCancellationRequested) await StopAsync(CancellationToken.None);
    }

    /// <summary>Removes soon what is left; after a failure not before the next minute.</summary>
    public void Request()
    {
        if (!_waitsForTick) _due.Writer.TryWrite(true);
    }

    private void Tick()
    {
        _waitsForTick = false;
        Request();
    }

    private async Task RunAsync()
    {
        try
        {
            await foreach (var _ in _due.Reader.ReadAllAsync(_stopping.Token)) await ScrubAsync();
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // What is left is known to the store: who starts next continues.
        }
    }

    private async Task ScrubAsync()
    {
        try
        {
            for (var start = _time.GetTimestamp(); await _store.ScrubAsync(StepEvents, _stopping.Token);)
            {
                var taken = _time.GetElapsedTime(start);
                await Task.Delay(taken < Pause ? Pause : taken > PauseMax ? PauseMax : taken, _time, _stopping.Token);
                start = _time.GetTimestamp();
            }

            _hasFailed = false;
        }
        catch (Exception error) when (error is not OperationCanceledException || !_stopping.IsCancellationRequested)
        {
            var again = _hasFailed;
            _hasFailed = _waitsForTick = true;
            _due.Reader.TryRead(out _);
            if (!again) AppenderLog.NotScrubbed(_logger, error);
        }
    }
}
