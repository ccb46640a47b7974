namespace Granary.Runtime;

/// <summary>
/// Calls the process grain of each event: those of one stream one after the other, several streams at the same time.
/// </summary>
internal sealed class ProcessHandler(ProcessReader reader, ProcessEvents events, IGrainFactory grains) : ILogHandler
{
    private const int ConcurrencyMax = 16;

    /// <inheritdoc />
    public async ValueTask<HandledEvents> HandleAsync(LogBatch batch, CancellationToken cancellationToken)
    {
        var faults = new List<Exception>();
        await Parallel.ForEachAsync(
            batch.Events.GroupBy(static one => one.Stream),
            new ParallelOptions { MaxDegreeOfParallelism = ConcurrencyMax, CancellationToken = cancellationToken },
            async (stream, token) =>
            {
                try
                {
                    foreach (var one in stream) await HandleAsync(one, token);
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

    private async Task HandleAsync(RecordedEvent recorded, CancellationToken cancellationToken)
    {
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
