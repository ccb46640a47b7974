using Granary.Runtime;
using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace Granary.Tests.Unit.Journaling;

public sealed class JournalOptionsTests
{
    private static readonly SiloMessagingOptions Messaging = new() { ResponseTimeout = TimeSpan.FromSeconds(9) };

    [Theory]
    [InlineData(9_000)]
    [InlineData(10_000)]
    public void A_retry_time_out_that_outlasts_the_caller_is_refused_and_both_settings_are_named(int milliseconds)
    {
        var refusal = Validate(new JournalOptions { RetryTimeoutMs = milliseconds });
        Assert.True(refusal.Failed);
        Assert.Contains("JournalOptions.RetryTimeoutMs", refusal.FailureMessage, StringComparison.Ordinal);
        Assert.Contains(
            "SiloMessagingOptions.ResponseTimeout is 9000 ms", refusal.FailureMessage, StringComparison.Ordinal);
    }

    [Fact]
    public void The_retry_time_out_follows_the_response_time_out_where_it_is_not_set()
    {
        Assert.True(Validate(new JournalOptions()).Succeeded);
        Assert.Equal(TimeSpan.FromSeconds(6), JournalOptionsValidator.RetryTimeoutOf(new JournalOptions(), Messaging));
    }

    [Fact]
    public void A_retry_time_out_below_the_response_time_out_is_used_as_it_is()
    {
        var options = new JournalOptions { RetryTimeoutMs = 8_999 };
        Assert.True(Validate(options).Succeeded);
        Assert.Equal(TimeSpan.FromMilliseconds(8_999), JournalOptionsValidator.RetryTimeoutOf(options, Messaging));
    }

    private static ValidateOptionsResult Validate(JournalOptions options) =>
        new JournalOptionsValidator(Options.Create(Messaging)).Validate(null, options);
}
