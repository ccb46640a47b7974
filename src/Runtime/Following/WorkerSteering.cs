using System.Threading.Channels;

namespace Granary.Runtime;

/// <summary>Wakes a worker that waits, because something was asked of it.</summary>
internal sealed class WorkerSteering
{
    private readonly Channel<bool> _asked = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    public void Signal() => _asked.Writer.TryWrite(true);

    /// <summary>Whether something was asked since the last call.</summary>
    public bool TryTake() => _asked.Reader.TryRead(out _);

    /// <summary>Completes when something is asked; what was asked is still to be taken.</summary>
    public async Task WaitAsync(CancellationToken cancellationToken) =>
        await _asked.Reader.WaitToReadAsync(cancellationToken);
}
