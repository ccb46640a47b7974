namespace Granary.Runtime;

/// <summary>
/// Calls the process grain of each event: those of one stream one after the other, several streams at the same time.
/// One
/// of a session, which calls it for one batch after the other.
/// </summary>
internal sealed class ProcessHandler(ProcessReader reader, ProcessEvents events, IGrainFactory grains) : ILogHandler
{
    private const int ConcurrencyMax = 16;

    private GlobalPosition _handed;
    private int _first;

    /// <inheritdoc />
    public async ValueTask<HandledEvents> HandleAsync(LogBatch batch, CancellationToken cancellationToken)
    {
        var faults = new List<Exception>();
        await Parallel.ForEachAsync(
            batch.Events.Select(one => (Event: one, IsAgain: MayComeAgain(batch, one)))
                .GroupBy(static one => one.Event.Stream),
            new ParallelOptions { MaxDegreeOfParallelism = ConcurrencyMax, CancellationToken = cancellationToken },
            async (stream, token) =>
            {
                try
                {
                    foreach (var (one, isAgain) in stream) await HandleAsync(one, isAgain, token);
                }
                catch (Exception fault)
                {
                    lock (faults) faults.Add(fault);
                }
            });
        cancellationToken.ThrowIfCancellationRequested();

        // What was handled besides is handled again, and that is harmless. A store that is away goes first: it is no
        // event's fault.
        if (faults.Find(static one => one is not EventFailedException) is { } ends) throw ends;
        if (faults.Count > 0)
            throw faults.Cast<EventFailedException>().MinBy(static one => one.Failed.Position.Position.Value)!;
        return HandledEvents.Nothing;
    }

    /// <inheritdoc />
    public void OnCommitted()
    {
    }

    // Whether it may have come to its process before: it was handed over by this session, it is of a parked stream, or
    // it is among those that the session before may have handed over and not committed. For all others the grains that
    // get commands need not look for them in their streams.
    private bool MayComeAgain(LogBatch batch, RecordedEvent recorded)
    {
        if (batch.Try > 1 || recorded.Position.Position <= _handed) return true;
        _handed = recorded.Position.Position;
        if (_first >= ProcessReader.BatchEventsMax) return false;
        _first++;
        return true;
    }

    private async Task HandleAsync(RecordedEvent recorded, bool isAgain, CancellationToken cancellationToken)
    {
        if (isAgain) CommandCause.Set(recorded.Timestamp);
        try
        {
            foreach (var key in events.DecodePlain(reader.Process, recorded)
                .Select(one => reader.KeyOf(one, recorded)).OfType<string>().Distinct(StringComparer.Ordinal))
            {
                await grains.GetGrain<IProcessGrain>(GrainId.Create(reader.GrainType, key))
                    .Handle(recorded, cancellationToken).WaitAsync(cancellationToken);
            }
        }
        catch (Exception fault) when (fault is EventsNotConfirmedException or SiloUnavailableException
            or OrleansMessageRejectionException or TimeoutException)
        {
            throw new StoreUnavailableException($"A process of '{reader.Name}' cannot be reached now.", fault);
        }
        catch (Exception fault) when (fault is not StoreUnavailableException
            && !cancellationToken.IsCancellationRequested)
        {
            throw new EventFailedException(recorded, fault);
        }
    }
}
