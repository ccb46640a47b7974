namespace Granary.Runtime;

/// <summary>Bounds the texts that the ledger keeps.</summary>
internal static class EffectText
{
    /// <summary>
    /// The text, cut after <see cref="EffectContext.AnswerLengthMax"/> characters. U+0000, which some databases do not
    /// keep in JSON, becomes U+FFFD: no answer may stand in the way of its record.
    /// </summary>
    public static string? Cut(string? text)
    {
        if (text is null) return null;
        var length = Math.Min(text.Length, EffectContext.AnswerLengthMax);
        if (length < text.Length && char.IsHighSurrogate(text[length - 1])) length--;
        return text[..length].Replace('\0', '\uFFFD');
    }
}
