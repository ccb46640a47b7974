namespace Granary.Runtime;

/// <summary>Checks the options of a webhook. No message has a secret or an address in it.</summary>
internal static class WebhookRules
{
    /// <summary>Checks them all.</summary>
    /// <exception cref="ArgumentException">The first that is not met.</exception>
    public static void Check(string name, WebhookOptions options)
    {
        OptionsCheck.ThrowIfInvalid(options, $"The webhook '{name}'");
        if (Fault(options) is { } fault) throw new ArgumentException($"The webhook '{name}': {fault}");
    }

    private static string? Fault(WebhookOptions options)
    {
        if (options.Url is not { } url) return "Url is not set.";
        if (!url.IsAbsoluteUri) return "Url is no absolute address.";
        if (url.Scheme != Uri.UriSchemeHttps && !(options.AllowHttp && url.Scheme == Uri.UriSchemeHttp))
            return "Url must begin with https://. Set AllowHttp to allow http://, which others can read on the way.";
        if (url.UserInfo.Length > 0) return "Url has a user or password in it. The signature shows who sends.";
        if (url.Fragment.Length > 0) return "Url has a fragment, which is never sent. Remove it.";
        if (IsShort(options.Secret)) return TooShort(nameof(options.Secret));
        if (options.OtherSecret is not null && IsShort(options.OtherSecret))
            return TooShort(nameof(options.OtherSecret));
        if (!Uri.TryCreate(options.Source, UriKind.RelativeOrAbsolute, out _)) return "Source is no URI reference.";
        if (options.Categories.FirstOrDefault(static one => !StreamName.TryCreate(one, "any", out _, out _))
            is { } category)
            return $"Categories names '{category}': no stream has it.";
        return options.RetryDelayMaxMs < options.RetryDelayMs ? "RetryDelayMaxMs is less than RetryDelayMs." : null;
    }

    private static bool IsShort(string? secret) => secret is null || secret.Length < WebhookOptions.SecretLengthMin;

    private static string TooShort(string name) =>
        $"{name} is shorter than {WebhookOptions.SecretLengthMin} characters. Draw one at random.";
}
