namespace Granary.Runtime;

/// <summary>An error of an effect that says how long to wait before the next try.</summary>
internal interface IRetryAfter
{
    /// <summary>How long at least; null where it says nothing.</summary>
    TimeSpan? RetryAfter { get; }
}
