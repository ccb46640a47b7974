using System.Globalization;
using System.Net;

namespace Granary.Silo;

/// <summary>
/// Reads the webhooks, <c>Granary:Webhooks:{name}:{option}</c>. No message has a value in it: it may be a secret.
/// </summary>
internal static class WebhookSettings
{
    /// <summary>The section of the webhooks.</summary>
    public const string Section = $"{Setting.Section}:Webhooks";

    /// <summary>Each option, and how it is set; false where the text cannot be read.</summary>
    private static readonly Dictionary<string, Func<WebhookOptions, string, bool>> Options =
        new(StringComparer.OrdinalIgnoreCase)
        {
            [nameof(WebhookOptions.Url)] = static (to, text) =>
                Uri.TryCreate(text, UriKind.Absolute, out var url) && (to.Url = url) is not null,
            [nameof(WebhookOptions.Secret)] = static (to, text) => (to.Secret = text) is not null,
            [nameof(WebhookOptions.OtherSecret)] = static (to, text) => (to.OtherSecret = text) is not null,
            [nameof(WebhookOptions.Source)] = static (to, text) => (to.Source = text) is not null,
            [nameof(WebhookOptions.Categories)] = static (to, text) => Split(text).All(one => Add(to.Categories, one)),
            [nameof(WebhookOptions.EventTypes)] = static (to, text) => Split(text).All(one => Add(to.EventTypes, one)),
            [nameof(WebhookOptions.AllowedNetworks)] = static (to, text) => Split(text).All(
                one => IPNetwork.TryParse(one, out var network) && Add(to.AllowedNetworks, network)),
            [nameof(WebhookOptions.FromBeginning)] = Flag(static (to, value) => to.FromBeginning = value),
            [nameof(WebhookOptions.AllowHttp)] = Flag(static (to, value) => to.AllowHttp = value),
            [nameof(WebhookOptions.AllowPrivateAddresses)] =
                Flag(static (to, value) => to.AllowPrivateAddresses = value),
            [nameof(WebhookOptions.TriesMax)] = Number(static (to, value) => to.TriesMax = value),
            [nameof(WebhookOptions.RetryDelayMs)] = Number(static (to, value) => to.RetryDelayMs = value),
            [nameof(WebhookOptions.RetryDelayMaxMs)] = Number(static (to, value) => to.RetryDelayMaxMs = value),
            [nameof(WebhookOptions.TimeoutMs)] = Number(static (to, value) => to.TimeoutMs = value),
            [nameof(WebhookOptions.ConcurrencyMax)] = Number(static (to, value) => to.ConcurrencyMax = value),
        };

    /// <summary>Whether a setting is one of a webhook.</summary>
    public static bool Has(string path) =>
        path.Equals(Section, StringComparison.OrdinalIgnoreCase)
        || path.StartsWith($"{Section}:", StringComparison.OrdinalIgnoreCase);

    /// <summary>Adds the webhooks to a silo.</summary>
    /// <exception cref="InvalidSettingsException">An option is wrong or unknown; the message names it.</exception>
    public static void AddTo(IGranaryBuilder builder, IConfiguration configuration)
    {
        foreach (var webhook in configuration.GetSection(Section).GetChildren())
        {
            try
            {
                builder.AddWebhook(webhook.Key, options => Read(webhook, options));
            }
            catch (ArgumentException fault)
            {
                throw new InvalidSettingsException($"{Section}:{webhook.Key}: {fault.Message}");
            }
        }
    }

    private static void Read(IConfigurationSection webhook, WebhookOptions options)
    {
        foreach (var one in webhook.GetChildren())
        {
            if (!Options.TryGetValue(one.Key, out var set))
                throw new InvalidSettingsException(
                    $"'{Section}:{webhook.Key}:{one.Key}' is no option. A webhook has "
                    + $"{string.Join(", ", Options.Keys)}.");
            if (one.Value is not { } text || !set(options, text))
                throw new InvalidSettingsException(
                    $"{Section}:{webhook.Key}:{one.Key} cannot be read. Lists are separated by semicolons.");
        }
    }

    private static string[] Split(string text) =>
        text.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static bool Add<T>(ICollection<T> to, T one)
    {
        to.Add(one);
        return true;
    }

    private static Func<WebhookOptions, string, bool> Flag(Action<WebhookOptions, bool> set) => (to, text) =>
    {
        if (!bool.TryParse(text, out var value)) return false;
        set(to, value);
        return true;
    };

    private static Func<WebhookOptions, string, bool> Number(Action<WebhookOptions, int> set) => (to, text) =>
    {
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value)) return false;
        set(to, value);
        return true;
    };
}
