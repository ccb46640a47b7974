using System.Collections.Concurrent;

namespace Granary.Tests.Unit.States;

/// <summary>A state whose members may hold more than their declared types say.</summary>
[GenerateSerializer, Alias("unit.OpenGraphState")]
internal sealed class OpenGraphState
{
    [Id(0)] public OpenPart? Part { get; set; }

    [Id(1)] public List<OpenPart> Parts { get; set; } = [];

    [Id(2)] public Dictionary<string, int> Counts { get; set; } = [];

    [Id(3)] public ConcurrentDictionary<string, int>? Concurrent { get; set; }

    [Id(4)] public Stack<int>? Stack { get; set; }

    [Id(5)] public object? Anything { get; set; }

    [Id(6)] public ChainLink? Chain { get; set; }

    [Id(7)] public SortedDictionary<string, int>? Sorted { get; set; }
}

[GenerateSerializer, Alias("unit.OpenPart")]
internal class OpenPart
{
    [Id(0)] public int Number { get; set; }
}

[GenerateSerializer, Alias("unit.WholePart")]
internal sealed class WholePart : OpenPart
{
    [Id(0)] public string Text { get; set; } = "";
}

/// <summary>What the primary constructor captures has no Id, and Orleans' analyzer does not see it.</summary>
[GenerateSerializer, Alias("unit.LossyPart")]
internal sealed class LossyPart(int sum) : OpenPart
{
    public LossyPart()
        : this(0)
    {
    }

    [Id(0)] public string Name { get; set; } = "";

    public int Sum => sum;

    public void Add(int number) => sum += number;
}

[GenerateSerializer, Alias("unit.ChainLink")]
internal sealed class ChainLink
{
    [Id(0)] public ChainLink? Next { get; set; }
}

internal sealed class DelegateState
{
    public Func<int, int>? Discount { get; set; }
}

internal sealed class NestedDelegateState
{
    public Dictionary<string, List<Action>> Actions { get; } = [];
}

internal sealed class HiddenDelegateState
{
    public object? Anything { get; set; }
}

/// <summary>A plain class that holds everything that a user may put in a state.</summary>
internal sealed class PlainGraph
{
    public int Number { get; set; }

    public double Real { get; set; }

    public PlainGraph? Left { get; set; }

    public object? Right { get; set; }

    public List<PlainGraph?> Children { get; } = [];

    public Dictionary<PlainGraph, string> ByNode { get; } = [];

    public HashSet<string> Names { get; set; } = new(StringComparer.OrdinalIgnoreCase);

    public (int Number, List<int> List) Pair { get; set; } = (0, []);

    public PlainGraph?[,] Grid { get; set; } = new PlainGraph?[0, 0];

    public System.Collections.Immutable.ImmutableDictionary<PlainGraph, int> Fixed { get; set; } =
        System.Collections.Immutable.ImmutableDictionary<PlainGraph, int>.Empty;
}

/// <summary>A comparer of the application's own, which a state's class implements as well.</summary>
internal sealed class SelfComparing : IComparer<SelfComparing>, System.Collections.IComparer
{
    public List<int> Items { get; } = [];

    public int Compare(SelfComparing? x, SelfComparing? y) => 0;

    public int Compare(object? x, object? y) => 0;
}
