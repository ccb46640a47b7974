using Granary.Runtime;

namespace Granary.Tests.Unit.States;

public sealed class StateClonerTests
{
    [Fact]
    public void Private_fields_of_base_classes_are_copied()
    {
        var original = new Derived();
        original.Note("one");
        var copy = StateCloner.Clone(original);
        original.Note("two");

        Assert.Equal(["one"], copy.Notes);
        Assert.Equal(["one", "two"], original.Notes);
    }

    [Fact]
    public void Values_of_a_dictionary_are_not_shared()
    {
        var original = new Dictionary<string, List<int>> { ["a"] = [1] };
        var copy = StateCloner.Clone(original);
        copy["a"].Add(2);

        Assert.Equal([1], original["a"]);
    }

    [Fact]
    public void What_a_struct_refers_to_is_not_shared()
    {
        var original = new WithStruct { Inner = new Pair([1], new Nested([2])), Maybe = new Nested([3]) };
        var copy = StateCloner.Clone(original);
        copy.Inner.Items.Add(9);
        copy.Inner.Nested.Items.Add(9);
        copy.Maybe!.Value.Items.Add(9);

        Assert.Single(original.Inner.Items);
        Assert.Single(original.Inner.Nested.Items);
        Assert.Single(original.Maybe.Value.Items);
    }

    [Fact]
    public void What_is_one_object_stays_one_and_cycles_end()
    {
        var original = new Node();
        original.Next = original;
        original.Other = [original, original];
        var copy = StateCloner.Clone(original);

        Assert.NotSame(original, copy);
        Assert.Same(copy, copy.Next);
        Assert.Same(copy, copy.Other[1]);
    }

    [Fact]
    public void A_chain_of_a_hundred_thousand_objects_does_not_overflow()
    {
        var original = new Node();
        for (var at = 0; at < 100_000; at++) original = new Node { Next = original };

        var length = 0;
        for (var at = StateCloner.Clone(original); at.Next is not null; at = at.Next) length++;
        Assert.Equal(100_000, length);
    }

    [Fact]
    public void Arrays_of_several_dimensions_and_of_arrays_are_copied()
    {
        var original = Tuple.Create(
            new[,] { { new Node(), null }, { new Node(), new Node() } }, new[] { new[] { 1 } }, new[,] { { 1, 2 } });
        var (nodes, jagged, numbers) = StateCloner.Clone(original);
        jagged[0][0] = 7;
        numbers[0, 1] = 7;

        Assert.NotSame(original.Item1[1, 1], nodes[1, 1]);
        Assert.Null(nodes[0, 1]);
        Assert.Equal((1, 2), (original.Item2[0][0], original.Item3[0, 1]));
    }

    [Fact]
    public void Keys_that_are_equal_to_themselves_alone_are_found_in_the_copy()
    {
        var key = new Node();
        var original = new Keyed { Key = key, ByKey = { [key] = "found" }, Keys = { key } };
        var copy = StateCloner.Clone(original);

        Assert.NotSame(key, copy.Key);
        Assert.Equal("found", copy.ByKey[copy.Key]);
        Assert.Contains(copy.Key, copy.Keys);
        Assert.DoesNotContain(key, copy.Keys);
    }

    [Fact]
    public void A_dictionary_keeps_its_comparer()
    {
        var original = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase) { ["KEY"] = 1 };
        Assert.Equal(1, StateCloner.Clone(original)["key"]);
    }

    [Fact]
    public void Collections_of_every_kind_come_out_equal()
    {
        var original = new Collections();
        original.Fill(1);
        var copy = StateCloner.Clone(original);
        original.Fill(2);

        Assert.Equal("1|1|1|1=1|1=1|1", copy.ToString());
        copy.Fill(3);
        Assert.Equal("1,3|1,3|1,3|1=1,3=3|1=1,3=3|1,3", copy.ToString());
    }

    private class Based
    {
        private readonly List<string> _notes = [];

        public IReadOnlyList<string> Notes => _notes;

        public void Note(string text) => _notes.Add(text);
    }

    private sealed class Derived : Based;

    private readonly record struct Nested(List<int> Items);

    private readonly record struct Pair(List<int> Items, Nested Nested);

    private sealed class WithStruct
    {
        public Pair Inner { get; init; }

        public Nested? Maybe { get; init; }
    }

    private sealed class Node
    {
        public Node? Next { get; set; }

        public Node[] Other { get; set; } = [];
    }

    private sealed class Keyed
    {
        public required Node Key { get; init; }

        public Dictionary<Node, string> ByKey { get; } = [];

        public HashSet<Node> Keys { get; } = [];
    }

    private sealed class Collections
    {
        private readonly List<int> _list = [];
        private readonly LinkedList<int> _linked = [];
        private readonly Queue<int> _queue = [];
        private readonly SortedDictionary<int, int> _sorted = [];
        private readonly System.Collections.Concurrent.ConcurrentDictionary<int, int> _concurrent = [];
        private System.Collections.Immutable.ImmutableList<int> _immutable = [];

        public void Fill(int value)
        {
            _list.Add(value);
            _linked.AddLast(value);
            _queue.Enqueue(value);
            _sorted[value] = value;
            _concurrent[value] = value;
            _immutable = _immutable.Add(value);
        }

        public override string ToString() => string.Join(
            '|',
            string.Join(',', _list),
            string.Join(',', _linked),
            string.Join(',', _queue),
            string.Join(',', _sorted.Select(static pair => $"{pair.Key}={pair.Value}")),
            string.Join(',', _concurrent.Select(static pair => $"{pair.Key}={pair.Value}").Order()),
            string.Join(',', _immutable));
    }
}
