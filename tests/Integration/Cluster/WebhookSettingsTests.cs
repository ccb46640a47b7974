using Granary.Runtime;
using Granary.Silo;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Granary.Tests.Integration;

/// <summary>Webhooks of the shipped silo are set by name, and what is wrong is named without its value.</summary>
public sealed class WebhookSettingsTests
{
    private const string Secret = "0123456789abcdef0123456789abcdef";

    private static readonly (string, string)[] Right =
    [
        ("Url", "https://receiver.test/in?key=hidden"), ("Secret", Secret), ("Categories", "orders; carts"),
        ("AllowedNetworks", "10.0.0.0/8"), ("TriesMax", "3"), ("FromBeginning", "true"),
    ];

    [Fact]
    public void A_webhook_is_registered_as_it_is_set()
    {
        var (settings, builder) = (Settings(Right), new Builder());
        SiloSettings.Read(settings);
        WebhookSettings.AddTo(builder, settings);
        Assert.Contains(builder.Services, static one => one.ServiceType == typeof(IWorkerSource));
        Assert.Contains(builder.Services, static one => one.IsKeyedService && "webhook-orders".Equals(one.ServiceKey));
    }

    [Theory]
    [InlineData("Secret", "hidden")]
    [InlineData("Url", "http://receiver.test/?key=hidden")]
    [InlineData("Url", "https://hidden@receiver.test/")]
    [InlineData("TriesMax", "hidden")]
    [InlineData("AllowHttp", "hidden")]
    [InlineData("AllowedNetworks", "hidden")]
    [InlineData("Secrets", "hidden")]
    public void What_is_wrong_is_named_and_not_shown(string option, string value)
    {
        var settings = Settings([.. Right.Where(one => one.Item1 != option), (option, value)]);
        var fault = Assert.Throws<InvalidSettingsException>(() => WebhookSettings.AddTo(new Builder(), settings));
        Assert.Contains(option, fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hidden", fault.ToString(), StringComparison.Ordinal);
    }

    private static IConfiguration Settings((string Name, string Value)[] values) => new ConfigurationBuilder()
        .AddInMemoryCollection(values.Select(static one =>
            KeyValuePair.Create($"Granary:Webhooks:orders:{one.Name}", (string?)one.Value)))
        .Build();

    private sealed class Builder : IGranaryBuilder
    {
        public IServiceCollection Services { get; } = new ServiceCollection();
    }
}
