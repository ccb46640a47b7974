using System.Text;
using Granary.Storage.AzureStorage;

namespace Granary.Tests.Conformance.Azure;

/// <summary>Rows are in the order of their models' keys, also where a key is longer than one of the service.</summary>
public sealed class AzureModelKeyTests : AzureTest
{
    private const int KeyLengthMax = 512;

    private static readonly ModelTable Table = new("keyed", new ModelColumn("size", ModelColumnKind.Integer));

    [Fact]
    public void Keys_of_rows_have_the_order_of_UTF_8_and_the_bounds_of_a_range_leave_nothing_out()
    {
        var keys = Keys(new Random(7));
        foreach (var one in keys)
        {
            Assert.InRange(ModelKeys.OfRow(one).Length, 1, KeyLengthMax);
            Assert.Matches("^[-_~0-9a-z]+$", ModelKeys.OfRow(one));
            foreach (var other in keys)
            {
                var (row, at) = (ModelKeys.OfRow(other), Compare(other, one));
                Assert.Equal(at == 0, row == ModelKeys.OfRow(one));
                var order = string.CompareOrdinal(
                    ModelKeys.OrderedPart(row), ModelKeys.OrderedPart(ModelKeys.OfRow(one)));
                Assert.True(order == 0 || Math.Sign(order) == Math.Sign(at), $"'{one}' and '{other}'");
                if (at > 0) Assert.True(string.CompareOrdinal(row, ModelKeys.Before(one, isIncluded: false)) > 0);
                if (at >= 0) Assert.True(string.CompareOrdinal(row, ModelKeys.Before(one, isIncluded: true)) > 0);
                if (at <= 0) Assert.True(string.CompareOrdinal(row, ModelKeys.Through(one)) <= 0);
            }
        }
    }

    [Fact]
    public async Task Pages_of_long_keys_hold_every_row_once_in_order()
    {
        var models = new AzureModelStore(await OpenAsync());
        await models.CreateTableAsync(Table, Token);
        string[] keys = [.. Keys(new Random(8)).Take(60)];
        await models.CommitAsync(
            new ModelCommit(keys.Select(key => ModelWrite.Put(Table, key, null, "{}"u8.ToArray(), [1L])).ToArray()),
            Token);
        Array.Sort(keys, Compare);

        foreach (var limit in new[] { 1, 7, 100 })
        {
            foreach (var column in new[] { null, Table.Columns[0] })
            {
                var query = new ModelQuery(Table) { OrderBy = column, Limit = limit };
                Assert.Equal(keys, await PagesAsync(models, query));
                Assert.Equal(keys.Reverse(), await PagesAsync(models, query with { Descending = true }));
            }
        }
    }

    private static async Task<List<string>> PagesAsync(AzureModelStore models, ModelQuery query)
    {
        var keys = new List<string>();
        while (true)
        {
            var page = await models.QueryAsync(query, Token);
            keys.AddRange(page.Rows.Select(static row => row.Key));
            if (page.Next is null) return keys;
            query = query with { After = page.Next };
        }
    }

    private static int Compare(string one, string other) =>
        Encoding.UTF8.GetBytes(one).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(other));

    // Short ones, and long ones that begin alike.
    private static List<string> Keys(Random random)
    {
        string[] letters = ["a", "A", "z", "0", "9", " ", "\0", "/", "ü", "\uE000", "🚀", "~", "-", "_"];
        string[] beginnings = ["", "", "", new('a', 399), new('a', 400), new('ü', 70), new('A', 140)];
        var keys = new HashSet<string>(StringComparer.Ordinal);
        while (keys.Count < 120)
        {
            var rest = Enumerable.Range(0, random.Next(1, 4)).Select(_ => letters[random.Next(letters.Length)]);
            keys.Add(beginnings[random.Next(beginnings.Length)] + string.Concat(rest));
        }

        return [.. keys];
    }
}
