using System.Net;
using Granary.Runtime;

namespace Granary.Tests.Unit.Reactors;

/// <summary>Which webhooks and addresses are allowed.</summary>
public sealed class WebhookRulesTests
{
    private const string Secret = "0123456789abcdef0123456789abcdef";

    [Theory]
    [InlineData("https://receiver.test/in?key=hidden-value", null)]
    [InlineData("http://receiver.test/in?key=hidden-value", "https")]
    [InlineData("ftp://receiver.test/in?key=hidden-value", "https")]
    [InlineData("https://user:hidden-value@receiver.test/", "user")]
    [InlineData("https://receiver.test/#hidden-value", "fragment")]
    public void An_address_has_to_be_https_without_user_and_fragment(string url, string? fault) =>
        Check(options => options.Url = new Uri(url), fault);

    [Theory]
    [InlineData("0123456789abcdef0123456789abcde")]
    [InlineData("")]
    [InlineData(null)]
    public void A_secret_has_32_characters_at_least(string? secret) =>
        Check(options => options.Secret = secret, "Secret");

    [Fact]
    public void Bounds_are_checked_by_name()
    {
        Check(static options => options.TriesMax = 0, "TriesMax");
        Check(static options => options.TimeoutMs = 1, "TimeoutMs");
        Check(static options => options.RetryDelayMaxMs = 1, "RetryDelayMaxMs");
        Check(static options => options.Categories.Add(""), "Categories");
        Check(static options => options.Url = null, "Url");
    }

    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("10.1.2.3")]
    [InlineData("100.64.0.1")]
    [InlineData("127.0.0.1")]
    [InlineData("127.255.255.255")]
    [InlineData("168.63.129.16")]
    [InlineData("169.254.169.254")]
    [InlineData("172.31.255.255")]
    [InlineData("192.0.0.1")]
    [InlineData("192.0.2.1")]
    [InlineData("192.168.1.1")]
    [InlineData("198.19.0.1")]
    [InlineData("224.0.0.1")]
    [InlineData("255.255.255.255")]
    [InlineData("::")]
    [InlineData("::1")]
    [InlineData("::ffff:10.0.0.1")]
    [InlineData("::ffff:169.254.169.254")]
    [InlineData("::127.0.0.1")]
    [InlineData("64:ff9b::7f00:1")]
    [InlineData("64:ff9b:1::1")]
    [InlineData("100::1")]
    [InlineData("2001::1")]
    [InlineData("2001:db8::1")]
    [InlineData("2002:7f00:1::1")]
    [InlineData("fc00::1")]
    [InlineData("fd00:ec2::254")]
    [InlineData("fe80::1")]
    [InlineData("fec0::1")]
    [InlineData("ff02::1")]
    public void An_address_that_is_not_public_is_refused_unless_the_operator_allows_it(string text)
    {
        var address = IPAddress.Parse(text);
        Assert.False(new AddressRule(false, []).Allows(address));
        Assert.True(new AddressRule(true, []).Allows(address));
    }

    [Theory]
    [InlineData("1.1.1.1")]
    [InlineData("100.63.255.255")]
    [InlineData("172.32.0.1")]
    [InlineData("2606:4700::1111")]
    [InlineData("::ffff:1.1.1.1")]
    public void A_public_address_is_allowed(string text) =>
        Assert.True(new AddressRule(false, []).Allows(IPAddress.Parse(text)));

    [Fact]
    public void A_network_that_the_operator_allows_is_allowed_alone()
    {
        var rule = new AddressRule(false, [IPNetwork.Parse("10.1.0.0/16")]);
        Assert.True(rule.Allows(IPAddress.Parse("10.1.2.3")));
        Assert.True(rule.Allows(IPAddress.Parse("::ffff:10.1.2.3")));
        Assert.False(rule.Allows(IPAddress.Parse("10.2.2.3")));
    }

    private static void Check(Action<WebhookOptions> change, string? fault)
    {
        var options = new WebhookOptions { Url = new Uri("https://receiver.test/"), Secret = Secret };
        change(options);
        if (fault is null)
        {
            WebhookRules.Check("orders", options);
            return;
        }

        var refused = Assert.Throws<ArgumentException>(() => WebhookRules.Check("orders", options));
        Assert.Contains(fault, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hidden-value", refused.ToString(), StringComparison.Ordinal);
    }
}
