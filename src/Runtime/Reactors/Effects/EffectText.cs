namespace Granary.Runtime;

/// <summary>Bounds the texts that the ledger keeps.</summary>
internal static class EffectText
{
    /// <summary>The text, cut after <see cref="EffectContext.AnswerLengthMax"/> characters.</summary>
    public static string? Cut(string? text)
    {
        if (text is null || text.Length <= EffectContext.AnswerLengthMax) return text;
        var length = EffectContext.AnswerLengthMax;
        return text[..(char.IsHighSurrogate(text[length - 1]) ? length - 1 : length)];
    }
}
