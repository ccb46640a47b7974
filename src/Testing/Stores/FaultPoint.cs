using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace Granary.Testing;

/// <summary>One kind of call to a store, which can be made to wait and then to fail.</summary>
/// <param name="what">The call, as the error names it.</param>
internal sealed class FaultPoint(string what)
{
    private readonly ConcurrentQueue<StoreGate> _gates = new();
    private int _failures;
    private int _afterEvents;

    /// <summary>The next calls fail, an enumeration after so many events.</summary>
    public void Fail(int calls, int afterEvents = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(calls);
        Volatile.Write(ref _afterEvents, afterEvents);
        Volatile.Write(ref _failures, calls);
    }

    /// <summary>The next call for which there is no gate yet waits at the one that is returned.</summary>
    public StoreGate Hold()
    {
        var gate = new StoreGate();
        _gates.Enqueue(gate);
        return gate;
    }

    /// <summary>Lets a call through, in its turn, or fails.</summary>
    public async ValueTask PassAsync(CancellationToken cancellationToken)
    {
        if (_gates.TryDequeue(out var gate)) await gate.PassAsync(cancellationToken);
        if (Use(ref _failures)) throw Fault();
    }

    /// <summary>
    /// Lets an enumeration through, in its turn, or fails it where it is to fail. The store is read after the gate.
    /// </summary>
    public async IAsyncEnumerable<RecordedEvent> PassAsync(
        Func<CancellationToken, IAsyncEnumerable<RecordedEvent>> read,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (_gates.TryDequeue(out var gate)) await gate.PassAsync(cancellationToken);
        var fails = Use(ref _failures);
        var remaining = Volatile.Read(ref _afterEvents);
        if (fails && remaining == 0) throw Fault();
        await foreach (var recorded in read(cancellationToken))
        {
            yield return recorded;
            if (fails && --remaining == 0) throw Fault();
        }

        if (fails) throw Fault();
    }

    /// <summary>Takes one from what remains; false where nothing does.</summary>
    public static bool Use(ref int remaining)
    {
        for (var seen = Volatile.Read(ref remaining); seen > 0;)
        {
            var found = Interlocked.CompareExchange(ref remaining, seen - 1, seen);
            if (found == seen) return true;
            seen = found;
        }

        return false;
    }

    private StoreUnavailableException Fault() => new($"Injected: {what} failed.");
}
