using Granary.Testing;

namespace Granary.Tests.Unit.Testing;

public sealed class LikenessTests
{
    public static TheoryData<object, object> Alike => new()
    {
        { 1, 1 },
        { "a", "a" },
        { new Plain("a") { Items = { 1, 2 } }, new Plain("a") { Items = { 1, 2 } } },
        { new[] { "a", "b" }, new[] { "a", "b" } },
        { new Dictionary<string, int[]> { ["a"] = [1] }, new Dictionary<string, int[]> { ["a"] = [1] } },
        { (1, new Plain("a")), (1, new Plain("a")) },
        { Ring("a"), Ring("a") },
        { new Uri("https://a.example"), new Uri("https://a.example") },
    };

    public static TheoryData<object, object> Unlike => new()
    {
        { 1, 2 },
        { 1, 1L },
        { new Plain("a"), new Plain("b") },
        { new Plain("a") { Items = { 1 } }, new Plain("a") { Items = { 1, 2 } } },
        { new Plain("a"), new Derived("a") },
        { new[] { "a", "b" }, new[] { "b", "a" } },
        { new Dictionary<string, int[]> { ["a"] = [1] }, new Dictionary<string, int[]> { ["a"] = [2] } },
        { (1, new Plain("a")), (1, new Plain("b")) },
        { new NamedList("a") { 1 }, new NamedList("b") { 1 } },
        { Ring("a"), Ring("b") },
        { new Uri("https://a.example"), new Uri("https://b.example") },
    };

    [Theory]
    [MemberData(nameof(Alike))]
    public void What_holds_the_same_is_alike(object left, object right) =>
        Assert.True(Likeness.AreAlike(left, right));

    [Theory]
    [MemberData(nameof(Unlike))]
    public void What_holds_something_else_is_not(object left, object right) =>
        Assert.False(Likeness.AreAlike(left, right));

    private static Linked Ring(string name)
    {
        var first = new Linked("start");
        first.Next = new Linked(name) { Next = first };
        return first;
    }

    private class Plain(string hidden)
    {
        private readonly string _hidden = hidden;

        public List<int> Items { get; } = new(_capacity++);

        public int Length => _hidden.Length;

        private static int _capacity;
    }

    private sealed class Derived(string hidden) : Plain(hidden);

    private sealed class NamedList(string name) : List<int>
    {
        private readonly string _name = name;

        public int Length => _name.Length;
    }

    private sealed class Linked(string name)
    {
        private readonly string _name = name;

        public Linked? Next { get; set; }

        public int Length => _name.Length;
    }
}
