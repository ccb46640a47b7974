namespace Granary.Runtime;

/// <summary>A webhook's receiver has not taken an event. The message has no secret in it.</summary>
internal sealed class WebhookFailedException(string message) : Exception(message), IRetryAfter
{
    /// <inheritdoc />
    public TimeSpan? RetryAfter { get; init; }
}
