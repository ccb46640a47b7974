namespace Granary.Runtime;

/// <summary>A state as it was.</summary>
/// <typeparam name="TState">The state's type.</typeparam>
/// <param name="State">The state; a copy that is the caller's own.</param>
/// <param name="Version">The version that it was at; 0 before the first event.</param>
/// <param name="Timestamp">When the last of its events was recorded; null where there is none.</param>
public sealed record PastState<TState>(TState State, StreamVersion Version, DateTimeOffset? Timestamp);
