using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Granary.Storage.AzureStorage;

/// <summary>
/// Events in a table of an Azure Storage account, and what is large in blobs. A commit is one transaction of the table;
/// any number of silos may use it at once.
/// </summary>
public sealed class AzureEventStore : IEventStore, IPartitionEpochs, ILogTail, IStreamCatalog, IAsyncDisposable
{
    private readonly AzureSchema _schema;
    private readonly PartitionWriter[] _writers;
    private readonly StreamReader[] _streams;
    private readonly LogReader _log;
    private readonly CatalogReader _catalog;
    private readonly Truncator _truncator;
    private readonly Scrubber _scrubber;
    private readonly LogTailSignal _grown;
    private readonly TailLook _look;
    private readonly TailPoll _tail;
    private int _disposed;

    /// <summary>Makes a store that is closed; <see cref="InitializeAsync"/> opens it.</summary>
    /// <param name="options">The account and the settings.</param>
    /// <param name="logger">Receives what an operator has to read.</param>
    /// <param name="time">The clock; the system's where it is null.</param>
    /// <exception cref="ArgumentException">The options name no account.</exception>
    public AzureEventStore(
        AzureStoreOptions options, ILogger<AzureEventStore>? logger = null, TimeProvider? time = null)
    {
        time ??= TimeProvider.System;
        Logger = (logger ?? NullLogger<AzureEventStore>.Instance).Guarded();
        Account = new AzureAccount(options, time);
        Blobs = new AzureBlobs(Account);
        _schema = new AzureSchema(Account, options.PartitionCount, Logger);

        // From the random part of an id.
        Spread = Uuid7.New(time).ToByteArray()[^1] / (double)byte.MaxValue;
        LogPartition[] partitions =
            [.. Enumerable.Range(0, options.PartitionCount).Select(static at => new LogPartition(at))];
        _writers = [.. partitions.Select(one => new PartitionWriter(one, Account, Blobs, Spread, Logger))];
        _streams = [.. partitions.Select(one => new StreamReader(one, Account, Blobs))];
        _log = new LogReader(Account, Blobs);
        _catalog = new CatalogReader(Account, partitions.Length);
        _truncator = new Truncator(Account, Blobs, Spread);
        _scrubber = new Scrubber(this);
        Sweep = new BlobSweep(this, Logger);
        ModelSweep = new ModelSweep(this);
        _grown = new LogTailSignal(partitions.Length);
        _look = new TailLook(Account, partitions.Length);
        _tail = new TailPoll(
            _grown, _look.ReadEndsAsync, TimeSpan.FromMilliseconds(options.TailPollMs), time,
            fault => Logger.TailNotRead(fault, Account.Name));
    }

    /// <inheritdoc />
    public int PartitionCount => _writers.Length;

    internal AzureAccount Account { get; }

    internal AzureBlobs Blobs { get; }

    internal BlobSweep Sweep { get; }

    internal ModelSweep ModelSweep { get; }

    internal ILogger Logger { get; }

    /// <summary>0 to 1, another one for each process: processes that wait do not meet again.</summary>
    internal double Spread { get; }

    /// <inheritdoc />
    public async ValueTask<StoreDescription> InitializeAsync(CancellationToken cancellationToken)
    {
        var id = await EnsureSchemaAsync(cancellationToken).ConfigureAwait(false);
        return new StoreDescription(id, PartitionCount, StoreLimits.Largest);
    }

    /// <inheritdoc />
    public async ValueTask CommitAsync(AppendBatch batch, CancellationToken cancellationToken)
    {
        foreach (var append in batch.Appends)
        {
            if (this.PartitionOf(append.Stream) != batch.Partition)
                throw new ArgumentException($"Stream {append.Stream} does not belong to partition {batch.Partition}.");
        }

        var end = await _writers[batch.Partition.Value].CommitAsync(batch, cancellationToken).ConfigureAwait(false);
        _grown.Grow(new LogPosition(batch.Partition, end));
    }

    /// <inheritdoc />
    public async ValueTask<StreamHead> ReadHeadAsync(StreamName stream, CancellationToken cancellationToken) =>
        await ReaderOf(stream).ReadHeadAsync(stream, cancellationToken).ConfigureAwait(false);

    /// <inheritdoc />
    public IAsyncEnumerable<RecordedEvent> ReadStreamAsync(
        StreamName stream, StreamVersion after, CancellationToken cancellationToken) =>
        ReaderOf(stream).ReadAsync(stream, after.Value, cancellationToken);

    /// <inheritdoc />
    public ValueTask<LogPage> ReadLogAsync(
        LogPosition after, LogFilter filter, int limit, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(after.Partition.Value, PartitionCount, nameof(after));
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        return new ValueTask<LogPage>(_log.ReadAsync(after, filter, limit, cancellationToken));
    }

    /// <inheritdoc />
    public ValueTask<bool> TruncateAsync(Truncation truncation, CancellationToken cancellationToken)
    {
        truncation.ThrowIfWrong(PartitionCount);
        return new ValueTask<bool>(_truncator.TruncateAsync(truncation, cancellationToken));
    }

    /// <inheritdoc />
    public ValueTask<StreamPage> ReadStreamsAsync(
        string? category, StreamName? after, int limit, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        return new ValueTask<StreamPage>(_catalog.ReadAsync(category, after, limit, cancellationToken));
    }

    /// <inheritdoc />
    public async ValueTask<bool> ScrubAsync(int eventsMax, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(eventsMax, 1);
        if (await _scrubber.ScrubAsync(eventsMax, cancellationToken).ConfigureAwait(false)) return true;
        await Sweep.SweepAsync(BlobSweep.AgeMin, cancellationToken).ConfigureAwait(false);
        await ModelSweep.SweepAsync(ModelSweep.AgeMin, cancellationToken).ConfigureAwait(false);
        return false;
    }

    /// <inheritdoc />
    public ValueTask<GlobalPosition> WaitAsync(LogPosition after, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(after.Partition.Value, PartitionCount, nameof(after));
        _look.OnActive(after.Partition);
        return _tail.WaitAsync(after, cancellationToken);
    }

    /// <inheritdoc />
    public async ValueTask<long> ReadEpochAsync(LogPartition partition, CancellationToken cancellationToken) =>
        (await Account.ReadTailAsync(partition, cancellationToken).ConfigureAwait(false)).Epoch;

    /// <inheritdoc />
    public async ValueTask<long> BeginEpochAsync(LogPartition partition, CancellationToken cancellationToken)
    {
        // A commit that runs finds another tail than its own: it lands before this, or never.
        var budget = Account.StartBudget();
        for (var tries = 1; ; tries++)
        {
            var tail = await Account.ReadTailInTurnAsync(partition, tries, cancellationToken).ConfigureAwait(false);
            var next = tail with { Epoch = tail.Epoch + 1, Commit = Uuid7.New(Account.Time) };
            if (await Account.TryTransactAsync([next.ToReplacement()], cancellationToken).ConfigureAwait(false))
                return next.Epoch;
            if (!await budget.WaitForTurnAsync(tries, Spread).ConfigureAwait(false))
                throw new StoreUnavailableException(
                    $"Other processes write to partition {partition} of {Account.Name} all the time. Try again.");
        }
    }

    /// <summary>Ends the waits. What is committed is durable without it.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0) return;
        await _tail.DisposeAsync().ConfigureAwait(false);
        foreach (var writer in _writers) writer.Dispose();
        Account.Dispose();
    }

    internal Task<Guid> EnsureSchemaAsync(CancellationToken cancellationToken) =>
        _schema.EnsureAsync(cancellationToken);

    /// <summary>Deletes a blob that is not used any more. Where that fails, the sweep deletes it later.</summary>
    internal async Task DeleteBlobAsync(string blob)
    {
        try
        {
            await Blobs.DeleteAsync(blob, CancellationToken.None).ConfigureAwait(false);
        }
        catch (GranaryException fault)
        {
            Logger.BlobNotDeleted(fault, blob, Account.Name);
        }
    }

    private StreamReader ReaderOf(StreamName stream) => _streams[this.PartitionOf(stream).Value];
}
