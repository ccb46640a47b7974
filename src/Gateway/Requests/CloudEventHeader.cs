using System.Text;

namespace Granary.Gateway;

/// <summary>Reads the value of a CloudEvent attribute out of its header.</summary>
internal static class CloudEventHeader
{
    /// <summary>
    /// The attribute's value, as the HTTP binding of CloudEvents has it decoded: a value in quotes is unquoted, and one
    /// round of percent-decoding follows.
    /// </summary>
    /// <exception cref="ApiProblem">It is neither.</exception>
    public static string Decode(string name, string value) =>
        PercentEncoding.TryDecode(value is ['"', ..] ? Unquote(name, value) : value) ?? throw EventBody.Invalid(
            $"The header {name} is not percent-encoded UTF-8: two hex digits follow a %, and a % itself is %25.");

    // Quotes may be the first and the last character only; a backslash takes the next character as it is.
    private static string Unquote(string name, string value)
    {
        var text = new StringBuilder(value.Length);
        var at = 1;
        for (; at < value.Length && value[at] != '"'; at++)
        {
            if (value[at] == '\\' && ++at == value.Length) break;
            text.Append(value[at]);
        }

        return at == value.Length - 1
            ? text.ToString()
            : throw EventBody.Invalid(
                $"The header {name} begins with a quote and does not end with the one that closes it.");
    }
}
