using System.Text;
using Granary.Runtime;

namespace Granary.Tests.Unit.Projections;

/// <summary>The rows of two builds are compared by key and by what their JSON says.</summary>
public sealed class BuildComparerTests
{
    private static readonly ModelTable Old = new("old_build");
    private static readonly ModelTable Built = new("new_build", new ModelColumn("total", ModelColumnKind.Integer));

    private readonly MemoryModelStore _models = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Rows_that_are_added_removed_and_changed_are_named_in_the_order_of_their_keys()
    {
        await FillAsync(Old, [], [("a", "1"), ("b", "2"), ("d", "4"), ("\U0001F600", "5")]);
        await FillAsync(Built, [null], [("b", "2"), ("c", "3"), ("d", "5"), ("\uFFFD", "5")]);
        var found = await CompareAsync();
        Assert.Equal(5, found.Differences);
        Assert.Equal(
            [
                new BuildDifference("a", DifferenceKind.Removed), new BuildDifference("c", DifferenceKind.Added),
                new BuildDifference("d", DifferenceKind.Changed), new BuildDifference("\uFFFD", DifferenceKind.Added),
                new BuildDifference("\U0001F600", DifferenceKind.Removed),
            ],
            found.First);
        Assert.Null(found.NotCompared);
    }

    [Theory]
    [InlineData("""{"a":1,"b":[1,2]}""", """{ "b": [1, 2], "a": 1 }""", 0)]
    [InlineData("""{"a":1.0}""", """{"a":1}""", 0)]
    [InlineData("""{"a":"é"}""", """{"a":"\u00e9"}""", 0)]
    [InlineData("""{"a":[1,2]}""", """{"a":[2,1]}""", 1)]
    [InlineData("""{"a":null}""", "{}", 1)]
    public async Task Documents_that_say_the_same_as_JSON_are_the_same(string left, string right, int differences)
    {
        await FillAsync(Old, [], [("k", left)]);
        await FillAsync(Built, [1L], [("k", right)]);
        Assert.Equal(differences, (await CompareAsync()).Differences);
    }

    [Fact]
    public async Task All_differences_are_counted_beyond_a_page_and_the_first_hundred_are_named()
    {
        await FillAsync(Old, [], [.. Enumerable.Range(0, 2_500).Select(static at => ($"k{at:D5}", "1"))]);
        await FillAsync(Built, [null], [.. Enumerable.Range(0, 1_200).Select(static at => ($"k{at:D5}", "1"))]);
        var found = await CompareAsync();
        Assert.Equal((1_300, BuildComparer.NamedMax), (found.Differences, found.First.Count));
        Assert.Equal(new BuildDifference("k01200", DifferenceKind.Removed), found.First[0]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("""{"a":1""")]
    [InlineData("""{"a":"\ud800"}""")]
    public void A_document_that_cannot_be_read_equals_itself_alone(string unreadable)
    {
        var (left, right) = (Encoding.UTF8.GetBytes(unreadable), """{"a":"1"}"""u8.ToArray());
        Assert.False(BuildComparer.AreEqual(left, right));
        Assert.False(BuildComparer.AreEqual(right, left));
        Assert.True(BuildComparer.AreEqual(left, left));
    }

    [Fact]
    public async Task Documents_are_compared_however_deep_they_are()
    {
        var (open, close) = (new string('[', 200), new string(']', 200));
        await FillAsync(Old, [], [("same", $"{open}1{close}"), ("other", $"{open}1{close}")]);
        await FillAsync(Built, [null], [("same", $"{open} 1 {close}"), ("other", $"{open} 2 {close}")]);
        Assert.Equal([new BuildDifference("other", DifferenceKind.Changed)], (await CompareAsync()).First);
    }

    [Fact]
    public async Task Two_empty_builds_are_the_same()
    {
        await FillAsync(Old, [], []);
        await FillAsync(Built, [], []);
        Assert.Equal((0, 0), ((await CompareAsync()).Differences, (await CompareAsync()).First.Count));
    }

    private async Task<ComparisonDocument> CompareAsync() =>
        await new BuildComparer(_models).CompareAsync(Old, Built, Token);

    private async Task FillAsync(ModelTable table, object?[] values, (string Key, string Document)[] rows)
    {
        await _models.CreateTableAsync(table, Token);
        var writes = rows.Select(one => ModelWrite.Put(
            table, one.Key, null, Encoding.UTF8.GetBytes(one.Document), values));
        Assert.Equal(ModelCommitOutcome.Committed, await _models.CommitAsync(new ModelCommit([.. writes]), Token));
    }
}
