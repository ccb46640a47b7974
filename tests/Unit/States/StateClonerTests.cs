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

    [Fact]
    public void Random_graphs_are_copied_as_they_are_and_share_nothing()
    {
        for (var seed = 0; seed < 300; seed++)
        {
            var original = RandomGraph(new Random(seed));
            var copy = StateCloner.Clone(original);
            Assert.Equal((seed, null), (seed, StateComparison.FirstDifference(original, copy)));

            var owned = NodesOf(original).ToHashSet(ReferenceEqualityComparer.Instance);
            Assert.False(NodesOf(copy).Exists(owned.Contains), $"Seed {seed} shares a node.");
            foreach (var node in NodesOf(copy))
            {
                Assert.True(node.ByNode.Keys.All(node.ByNode.ContainsKey), $"Seed {seed} loses a key.");
                Assert.True(node.Fixed.Keys.All(node.Fixed.ContainsKey), $"Seed {seed} loses a fixed key.");
            }
        }
    }

    [Fact]
    public void A_comparison_finds_every_difference()
    {
        var one = new PlainGraph { Left = new() };
        Assert.Null(StateComparison.FirstDifference(one, StateCloner.Clone(one)));
        Action<PlainGraph>[] changes =
        [
            static it => it.Number++,
            static it => it.Real = -0.0,
            static it => it.Left!.Children.Add(null),
            static it => it.Right = it.Left,
            static it => it.Names = [],
            static it => it.Pair.List.Add(1),
            static it => it.Grid = new PlainGraph?[0, 1],
            static it => it.ByNode.Add(it, "x"),
        ];
        foreach (var change in changes)
        {
            var other = StateCloner.Clone(one);
            change(other);
            Assert.NotNull(StateComparison.FirstDifference(one, other));
        }
    }

    [Fact]
    public void A_state_that_implements_a_comparer_is_copied()
    {
        var original = new SelfComparing();
        StateCloner.Clone(original).Items.Add(1);
        Assert.Empty(original.Items);
    }

    [Fact]
    public void A_copy_is_bounded_in_objects_and_in_bytes()
    {
        var nodes = Enumerable.Range(0, 50).Select(static _ => new Node()).ToList();
        Assert.Throws<LimitExceededException>(() => StateCloner.Clone(nodes, objectsMax: 40));
        var bytes = new List<byte[]> { new byte[9_000] };
        Assert.Throws<LimitExceededException>(() => StateCloner.Clone(bytes, bytesMax: 8_000));
    }

    [Fact]
    public void Json_nodes_keep_their_parent()
    {
        var root = new System.Text.Json.Nodes.JsonObject { ["list"] = new System.Text.Json.Nodes.JsonArray(1, 2) };
        var copy = StateCloner.Clone(Tuple.Create(root, root["list"]));
        copy.Item2![0] = 9;

        Assert.Equal("""{"list":[9,2]}""", copy.Item1.ToJsonString());
        Assert.Equal("""{"list":[1,2]}""", root.ToJsonString());
    }

    private static PlainGraph RandomGraph(Random random)
    {
        var nodes = Enumerable.Range(0, random.Next(1, 12)).Select(_ => new PlainGraph()).ToArray();
        PlainGraph Any() => nodes[random.Next(nodes.Length)];
        foreach (var node in nodes)
        {
            (node.Number, node.Real) = (random.Next(), random.NextDouble());
            if (random.Next(2) == 0) node.Left = Any();
            node.Right = random.Next(5) switch
            {
                0 => Any(),
                1 => "text",
                2 => new List<object> { 1, Any(), "x" },
                3 => (Any(), new[] { 1, 2 }),
                _ => null,
            };
            for (var child = random.Next(3); child > 0; child--) node.Children.Add(random.Next(4) == 0 ? null : Any());
            node.ByNode[Any()] = "by node";
            node.Names.Add("NAME");
            node.Pair = (random.Next(), [random.Next()]);
            node.Grid = new PlainGraph?[,] { { Any(), null }, { null, Any() } };
            node.Fixed = node.Fixed.Add(Any(), random.Next());
        }

        for (var at = 1; at < nodes.Length; at++) nodes[at - 1].Children.Add(nodes[at]);
        return nodes[0];
    }

    // Without the cloner, which is what is tested.
    private static List<PlainGraph> NodesOf(PlainGraph root)
    {
        var found = new HashSet<object>(ReferenceEqualityComparer.Instance);
        var (all, open) = (new List<PlainGraph>(), new Stack<PlainGraph?>([root]));
        while (open.TryPop(out var node))
        {
            if (node is null || !found.Add(node)) continue;
            all.Add(node);
            open.Push(node.Left);
            if (node.Right is PlainGraph right) open.Push(right);
            if (node.Right is List<object> list) open.Push((PlainGraph)list[1]);
            if (node.Right is (PlainGraph inTuple, int[])) open.Push(inTuple);
            foreach (var child in node.Children) open.Push(child);
            foreach (var key in node.ByNode.Keys) open.Push(key);
            foreach (var key in node.Fixed.Keys) open.Push(key);
            foreach (var cell in node.Grid) open.Push(cell);
        }

        return all;
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
