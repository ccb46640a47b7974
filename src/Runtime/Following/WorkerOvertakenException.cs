namespace Granary.Runtime;

/// <summary>Another worker has taken the checkpoint over: this one ends.</summary>
internal sealed class WorkerOvertakenException(string name, LogPartition partition)
    : Exception($"Another worker of '{name}' has taken over partition {partition}.");
