using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace Granary.Runtime;

/// <summary>Checks the retry time-out against the silo's own.</summary>
internal sealed class JournalOptionsValidator(IOptions<SiloMessagingOptions> messaging)
    : IValidateOptions<JournalOptions>
{
    /// <summary>How long an unavailable store is called again.</summary>
    public static TimeSpan RetryTimeoutOf(JournalOptions options, SiloMessagingOptions messaging) =>
        options.RetryTimeoutMs is { } milliseconds
            ? TimeSpan.FromMilliseconds(milliseconds)
            : messaging.ResponseTimeout * 2 / 3;

    public ValidateOptionsResult Validate(string? name, JournalOptions options)
    {
        var responseTimeout = messaging.Value.ResponseTimeout;
        return RetryTimeoutOf(options, messaging.Value) < responseTimeout
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(
                $"{nameof(JournalOptions)}.{nameof(JournalOptions.RetryTimeoutMs)} is {options.RetryTimeoutMs}, but "
                + $"the silo's {nameof(SiloMessagingOptions)}.{nameof(SiloMessagingOptions.ResponseTimeout)} is "
                + $"{responseTimeout.TotalMilliseconds:0} ms: callers would see a TimeoutException instead of the "
                + "error. Lower the one or raise the other.");
    }
}
