namespace Granary.Runtime;

/// <summary>A reader would park more streams than it may: it stops.</summary>
internal sealed class ReaderOverloadedException(string name, LogPartition partition, int allowed) : Exception(
    $"The reader '{name}' has {allowed} parked streams in partition {partition} and parks no more. Correct the cause, "
    + "retry or drop the parked streams, and resume the reader.");
