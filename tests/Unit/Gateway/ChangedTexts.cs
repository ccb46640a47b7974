using System.Text;

namespace Granary.Tests.Unit.Gateway;

/// <summary>Texts that are changed at one or two positions, at random and in every run alike.</summary>
internal static class ChangedTexts
{
    private const int Count = 20_000;

    public static IEnumerable<string> Of(string[] texts, string alphabet, int seed)
    {
        var random = new Random(seed);
        for (var run = 0; run < Count; run++)
        {
            var text = new StringBuilder(texts[run % texts.Length]);
            for (var change = random.Next(1, 3); change > 0; change--)
            {
                var at = random.Next(text.Length);
                if (random.Next(3) == 0) text.Remove(at, 1);
                else text[at] = alphabet[random.Next(alphabet.Length)];
            }

            yield return text.ToString();
        }
    }
}
