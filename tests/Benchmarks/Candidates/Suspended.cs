using Microsoft.Extensions.DependencyInjection;

namespace Granary.Benchmarks;

/// <summary>
/// Grains that wait for a batch and store nothing: the upper limit of everything that confirms after a group commit.
/// </summary>
/// <param name="batchSize">How many wait for one signal.</param>
internal sealed class SuspendedCandidate(int batchSize) : UnstoredCandidate(SuspendedTally.Kind)
{
    protected override void Configure(ISiloBuilder silo, string folder) =>
        silo.Services.AddSingleton(_ => new BatchSignal(batchSize));
}

/// <summary>
/// The signal of a batch, which all of its members await. A thread of its own completes it, once for all, when the
/// batch is full: as a writer does after a commit, but at once.
/// </summary>
public sealed class BatchSignal : IDisposable
{
    // The rest of a load is no full batch.
    private static readonly TimeSpan FillTimeMax = TimeSpan.FromMilliseconds(5);

    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _full = new(0);
    private readonly int _size;
    private readonly Thread _thread;
    private TaskCompletionSource _batch = NewBatch();
    private int _members;
    private volatile bool _disposed;

    internal BatchSignal(int size)
    {
        _size = size;
        _thread = new Thread(CompleteBatches) { IsBackground = true, Name = "batches" };
        _thread.Start();
    }

    /// <summary>Completes with the batch that this call is a member of.</summary>
    public Task WaitAsync()
    {
        lock (_lock)
        {
            if (++_members == _size) _full.Release();
            return _batch.Task;
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _disposed = true;
        _full.Release();
        _thread.Join();
        _full.Dispose();
    }

    private static TaskCompletionSource NewBatch() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void CompleteBatches()
    {
        while (!_disposed)
        {
            _full.Wait(FillTimeMax);
            TaskCompletionSource batch;
            lock (_lock)
            {
                (batch, _batch) = (_batch, NewBatch());
                _members = 0;
            }

            batch.SetResult();
        }
    }
}
