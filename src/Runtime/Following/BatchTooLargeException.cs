namespace Granary.Runtime;

/// <summary>
/// A handler cannot commit what a batch leads to at once: the worker hands it the batch in halves. A single event that
/// is too large fails like any other.
/// </summary>
internal sealed class BatchTooLargeException(string message) : Exception(message);
