namespace Granary.Runtime;

/// <summary>
/// Removes secrets from texts that others write, as the answer of a receiver that repeats what it was sent: the secrets
/// themselves, and the query of the address, which often holds one.
/// </summary>
internal sealed class SecretMask
{
    private const string Masked = "***";
    private const int LengthMin = 4;

    private readonly string[] _secrets;

    public SecretMask(Uri url, IEnumerable<string> secrets)
    {
        var query = url.Query.TrimStart('?');
        var parts = query.Split('&').Select(static one => one[(one.IndexOf('=', StringComparison.Ordinal) + 1)..]);
        string[] ofQuery = [query, .. parts];
        _secrets =
        [
            .. secrets.Concat(ofQuery).Concat(ofQuery.Select(Uri.UnescapeDataString))
                .Where(static one => one.Length >= LengthMin).Distinct().OrderByDescending(static one => one.Length),
        ];
    }

    /// <summary>The text with what is secret replaced.</summary>
    public string Apply(string text) => _secrets.Aggregate(
        text, static (masked, secret) => masked.Replace(secret, Masked, StringComparison.OrdinalIgnoreCase));
}
