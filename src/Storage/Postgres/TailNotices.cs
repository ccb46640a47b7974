using System.Threading.Channels;
using Npgsql;

namespace Granary.Storage.Postgres;

/// <summary>
/// Notifies other processes that the log has grown, and is notified by them. A notice is a hint to look at the log: one
/// that is lost is made up for by the polling. It is sent beside the commits, since it would halve their rate within
/// their transactions, and at most once an interval.
/// </summary>
/// <param name="database">The database; through a pooler nothing is listened to.</param>
/// <param name="look">Looks at the log, when a notice has come; it does not fail.</param>
/// <param name="time">The clock.</param>
internal sealed class TailNotices(PostgresDatabase database, Func<Task> look, TimeProvider time) : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan ReconnectInterval = TimeSpan.FromSeconds(1);

    // What has come meanwhile is read at once, and needs no look of its own.
    private static readonly TimeSpan Drain = TimeSpan.FromMilliseconds(1);
    private const int DrainedMax = 1_000;

    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Channel<bool> _grown = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    private Task? _sending;
    private Task? _listening;

    /// <summary>This process has made the log grow.</summary>
    public void OnGrown()
    {
        if (_sending is null) Start(ref _sending, SendAsync);
        _grown.Writer.TryWrite(true);
    }

    /// <summary>Somebody in this process waits for the log to grow.</summary>
    public void OnWaited()
    {
        if (_listening is null && database.IsDirect) Start(ref _listening, ListenAsync);
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        Task[] running;
        lock (_lock)
        {
            _stop.Cancel();
            running = [_sending ?? Task.CompletedTask, _listening ?? Task.CompletedTask];
        }

        await Task.WhenAll(running).ConfigureAwait(false);
    }

    private void Start(ref Task? running, Func<CancellationToken, Task> run)
    {
        lock (_lock)
        {
            if (running is not null || _stop.IsCancellationRequested) return;
            using (ExecutionContext.SuppressFlow())
                running = Task.Run(() => UntilStoppedAsync(run), CancellationToken.None);
        }
    }

    private async Task UntilStoppedAsync(Func<CancellationToken, Task> run)
    {
        try
        {
            while (true) await run(_stop.Token).ConfigureAwait(false);
        }
        catch (Exception) when (_stop.IsCancellationRequested)
        {
            // However the call ends that is stopped.
        }
    }

    private async Task SendAsync(CancellationToken cancellationToken)
    {
        await _grown.Reader.ReadAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await database.Call("notify_tail").ReadAsync(static _ => true, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            // The others find it by polling; that this database fails is reported by what needs it.
        }

        await Task.Delay(Interval, time, cancellationToken).ConfigureAwait(false);
    }

    private async Task ListenAsync(CancellationToken cancellationToken)
    {
        try
        {
            await database.UseAsync(ListenAsync, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            // As above.
        }

        await Task.Delay(ReconnectInterval, time, cancellationToken).ConfigureAwait(false);
    }

    private async Task<bool> ListenAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var command = new NpgsqlCommand($"LISTEN {database.Options.Schema}", connection);
        await using (command.ConfigureAwait(false))
            await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        while (true)
        {
            await look().ConfigureAwait(false);
            await Task.Delay(Interval, time, cancellationToken).ConfigureAwait(false);
            await connection.WaitAsync(cancellationToken).ConfigureAwait(false);
            for (var drained = 0; drained < DrainedMax; drained++)
            {
                if (!await connection.WaitAsync(Drain, cancellationToken).ConfigureAwait(false)) break;
            }
        }
    }
}
