namespace Granary.Benchmarks;

/// <summary>What is asked of a contestant in one run. A caller has a grain of its own and waits for answers.</summary>
/// <param name="Callers">How many call at the same time.</param>
internal sealed record Load(int Callers)
{
    /// <summary>How many events a command raises; for a bare loop, how many a commit holds.</summary>
    public int EventsEach { get; init; } = 1;

    /// <summary>How long commands are sent; what was sent by then is waited for.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>How many commands a caller sends, in place of a duration.</summary>
    public int? CommandsEach { get; init; }

    /// <summary>The first caller's grain.</summary>
    public int FirstGrain { get; init; }

    /// <summary>Whether each command is timed alone.</summary>
    public bool Latencies { get; init; }
}

/// <summary>What came of a run.</summary>
/// <param name="Commands">How many commands were confirmed.</param>
/// <param name="Events">How many events these raised.</param>
/// <param name="Elapsed">From the first command sent to the last answer.</param>
/// <param name="Allocated">Bytes allocated by the whole process meanwhile.</param>
/// <param name="Latencies">The time of each command, where that was asked for.</param>
internal sealed record Outcome(long Commands, long Events, TimeSpan Elapsed, long Allocated, Latencies? Latencies)
{
    public double CommandsPerSecond => Commands / Elapsed.TotalSeconds;

    public double EventsPerSecond => Events / Elapsed.TotalSeconds;

    public double BytesPerCommand => (double)Allocated / Commands;
}
