using System.Text;

namespace Granary.Runtime;

/// <summary>
/// Draws keys of a table at random, each by a short page of rows, so that the table is never read whole. A page begins
/// at a text that is made up of the keys that were seen: they say which characters keys have, and where.
/// </summary>
internal sealed class KeySampler(IModelStore models, ModelTable table, Random random)
{
    private const int KnownMax = 64;

    private readonly List<string> _known = [];

    /// <summary>Draws a key; null where the table has no row.</summary>
    public async ValueTask<string?> DrawAsync(CancellationToken cancellationToken)
    {
        if (_known.Count == 0)
        {
            foreach (var descending in new[] { false, true })
                Remember(await FindAsync(null, descending, cancellationToken));
        }

        if (_known.Count == 0) return null;
        var key = await FindAsync(new ModelCursor(null, MakeUp()), false, cancellationToken)
            ?? await FindAsync(null, false, cancellationToken);
        Remember(key);
        return key;
    }

    private async ValueTask<string?> FindAsync(
        ModelCursor? after, bool descending, CancellationToken cancellationToken)
    {
        var page = await models.QueryAsync(
            new ModelQuery(table) { After = after, Descending = descending, Limit = 1 }, cancellationToken);
        return page.Rows.Count == 0 ? null : page.Rows[0].Key;
    }

    private void Remember(string? key)
    {
        if (key is null || _known.Contains(key)) return;
        if (_known.Count < KnownMax) _known.Add(key);
        else _known[random.Next(KnownMax)] = key;
    }

    // Half of them keep no more of a key than all have in common, so that every part of the table is met; the others
    // keep more, so that keys of which few are alike are met too.
    private string MakeUp()
    {
        var runes = _known.Select(static one => one.EnumerateRunes().ToArray()).ToArray();
        var model = runes[random.Next(runes.Length)];
        var kept = CommonLength(runes);
        var letters = runes.SelectMany(one => one.Skip(kept)).Distinct().ToArray();
        if (random.Next(2) == 0) kept = random.Next(kept, model.Length + 1);
        var text = new StringBuilder();
        for (var i = 0; i < model.Length; i++)
            text.Append(i < kept ? model[i] : letters[random.Next(letters.Length)]);
        return text.Length <= GranaryLimits.ModelKeyLengthMax ? text.ToString() : _known[0];
    }

    private static int CommonLength(Rune[][] runes)
    {
        for (var length = 0; ; length++)
        {
            if (runes.Any(one => one.Length <= length || one[length] != runes[0][length])) return length;
        }
    }
}
