using System.Collections;
using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Granary.Tests.Unit.Events;

/// <summary>Event types of which JSON loses some values and keeps others.</summary>
internal static class Lossy
{
    [JsonDerivedType(typeof(Card))]
    internal abstract record Means;

    internal sealed record Card(string Number) : Means;

    internal sealed record Paid(Means? By) : IOrderEvent;

    [JsonDerivedType(typeof(Tall))]
    internal record Figure(int Size);

    internal sealed record Tall(int Size, int Height) : Figure(Size);

    internal sealed record Drawn(Figure? Figure) : IOrderEvent;

    [JsonPolymorphic(UnknownDerivedTypeHandling = JsonUnknownDerivedTypeHandling.FallBackToBaseType)]
    [JsonDerivedType(typeof(Known), "known")]
    internal record Loose(int Size);

    internal sealed record Known(int Size) : Loose(Size);

    internal sealed record Unknown(int Size, int Extra) : Loose(Size);

    internal sealed record Loosened(Loose? Item) : IOrderEvent;

    internal sealed record WithRequired : IOrderEvent
    {
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public required string? Name { get; init; }
    }

    internal sealed record WithInitialiser : IOrderEvent
    {
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
        public bool IsOpen { get; init; } = true;
    }

    internal sealed record WithDefault(
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] int Count = 42) : IOrderEvent;

    internal sealed record Of<T>(T Value) : IOrderEvent;

    internal record HiddenBase
    {
        public string? Name { get; init; }
    }

    internal sealed record Hiding : HiddenBase, IOrderEvent
    {
        public new string? Name { get; init; }

        public static Hiding With(string inBase, string own) => (Hiding)Set(new Hiding { Name = own }, inBase);

        private static HiddenBase Set(HiddenBase one, string name) => one with { Name = name };
    }

    internal sealed class WithExtension : IOrderEvent
    {
        public string? Name { get; set; }

        [JsonExtensionData]
        public Dictionary<string, JsonElement>? More { get; set; }
    }

    internal sealed record Validated(decimal Amount) : IOrderEvent
    {
        public decimal Amount { get; init; } = Amount > 0 ? Amount : throw new ArgumentException("Not positive.");
    }

    internal sealed class Trimmed : IOrderEvent
    {
        private string _name = "";

        public string Name
        {
            get => _name;
            init => _name = value.Trim();
        }

        public static Trimmed Untrimmed(string name) => new() { _name = name };
    }

    internal sealed record ByWayOfDouble(
        [property: JsonConverter(typeof(ByWayOfDouble.Converter))] decimal Amount) : IOrderEvent
    {
        internal sealed class Converter : JsonConverter<decimal>
        {
            public override decimal Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) =>
                (decimal)reader.GetDouble();

            public override void Write(Utf8JsonWriter writer, decimal value, JsonSerializerOptions options) =>
                writer.WriteNumberValue((double)value);
        }
    }

    internal sealed record ByWayOfInteger(
        [property: JsonConverter(typeof(ByWayOfInteger.Converter))] Half Value) : IOrderEvent
    {
        internal sealed class Converter : JsonConverter<Half>
        {
            public override Half Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) =>
                (Half)reader.GetInt32();

            public override void Write(Utf8JsonWriter writer, Half value, JsonSerializerOptions options) =>
                writer.WriteNumberValue((int)value);
        }
    }

    internal sealed record Nested(ImmutableArray<int> Inner, int Count);

    internal class Special : List<int>;

    internal sealed class Node : IOrderEvent
    {
        public Node? Next { get; set; }
    }

    internal static JsonElement Element(string json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.Clone();
    }

    /// <summary>Events that JSON does not keep, the member that each is refused for, one that comes first.</summary>
    public static TheoryData<object, string, object?> Refused => new()
    {
        { new Paid(new Card("4242")), "$.by", new Paid(null) },
        { new Drawn(new Tall(1, 2)), "Drawn.Figure", new Drawn(new Figure(1)) },
        { new Loosened(new Unknown(1, 2)), "Loosened.Item", new Loosened(new Known(1)) },
        { new WithRequired { Name = null }, "name", new WithRequired { Name = "Ada" } },
        { new WithInitialiser { IsOpen = false }, "WithInitialiser.IsOpen", new WithInitialiser() },
        { new WithDefault(0), "WithDefault.Count", new WithDefault() },
        { new Validated(1) with { Amount = -1 }, "Not positive", new Validated(1) },
        { Trimmed.Untrimmed(" a "), "Trimmed._name", Trimmed.Untrimmed("a") },
        { Hiding.With("base", "own"), "Hiding.Name", new Hiding() },
        {
            new WithExtension { Name = "a", More = new() { ["name"] = Element("\"b\"") } }, "WithExtension.Name",
            new WithExtension { Name = "a" }
        },
        { new Of<Stack<int>>(new([1, 2])), "Value", new Of<Stack<int>>(new([1])) },
        { new Of<ImmutableStack<int>>([1, 2]), "Value", new Of<ImmutableStack<int>>([1]) },
        { new Of<ConcurrentStack<int>>(new([1, 2])), "Value", new Of<ConcurrentStack<int>>(new([1])) },
        { new Of<ConcurrentBag<int>>(new([1, 2])), "$.value", null },
        { new Of<string>("half \ud800"), "Value", new Of<string>("whole") },
        { new Of<string[]>(["\udc00"]), "Value[0]", null },
        { new Of<char>('\ud800'), "Value", new Of<char>('a') },
        { new Of<Dictionary<string, int>>(new() { ["\ud800"] = 1 }), "Value", new Of<Dictionary<string, int>>([]) },
        {
            new Of<Dictionary<string, int>>(new(StringComparer.OrdinalIgnoreCase)), "Value.Comparer",
            new Of<Dictionary<string, int>>([])
        },
        {
            new Of<HashSet<string>>(new(StringComparer.OrdinalIgnoreCase)), "Value.Comparer",
            new Of<HashSet<string>>([])
        },
        {
            new Of<SortedSet<string>>(new(["b", "A"], StringComparer.Ordinal)), "Value.Comparer",
            new Of<SortedSet<string>>([])
        },
        {
            new Of<SortedDictionary<int, int>>(new(Comparer<int>.Create(static (a, b) => b - a)) { [1] = 1, [2] = 2 }),
            "Value.Comparer", null
        },
        { new Of<IEnumerable<int>>(new HashSet<int> { 1 }), "Value", new Of<IEnumerable<int>>(new List<int>()) },
        { new Of<IEnumerable<int>>(Enumerable.Range(0, 3).Where(static one => one > 0)), "Value", null },
        { new Of<IReadOnlyCollection<int>>(new SortedSet<int> { 2, 1 }), "Value", null },
        { new Of<IList<int>>(new[] { 1 }), "Value", new Of<IList<int>>(new List<int>()) },
        { new Of<ICollection<int>>(new Special { 1 }), "Value", null },
        { new Of<List<int>>(new Special { 1 }), "Value", new Of<List<int>>([1]) },
        { new Of<ISet<int>>(new SortedSet<int> { 1 }), "Value", null },
        { new Of<IDictionary<int, int>>(new SortedDictionary<int, int> { [1] = 1 }), "Value", null },
        { new Of<IReadOnlyDictionary<string, int>>(ImmutableDictionary<string, int>.Empty), "Value", null },
        { new Of<Figure>(new Tall(1, 2)), "Value", new Of<Figure>(new(1)) },
        { new Of<object>(1), "Value", new Of<object?>(null) },
        { new Of<object[]>(["a"]), "Value[0]", new Of<object[]>([]) },
        { new Of<JsonElement?>(Element("null")), "Value", new Of<JsonElement?>(Element("1")) },
        { new Of<BitArray>(new(3)), "$.value", null },
        { new ByWayOfDouble(1.10m), "ByWayOfDouble.Amount", new ByWayOfDouble(1.1m) },
        { new ByWayOfInteger((Half)(-0.0)), "ByWayOfInteger.Value", new ByWayOfInteger((Half)0) },
        { new Of<DateTime>(new(2026, 1, 2, 3, 4, 5, DateTimeKind.Local)), "Value", new Of<DateTime>(default) },
        { new Of<List<DateTime?>>([DateTime.UnixEpoch.ToLocalTime()]), "Value[0]", new Of<List<DateTime?>>([null]) },
        { new Of<double>(double.NaN), "Value", new Of<double>(1) },
        { new Of<List<float>>([1, float.PositiveInfinity]), "Value[1]", null },
        { new Of<int[,]>(new int[1, 1]), "Int32[,]", null },
        { new Of<Dictionary<(int, int), int>>(new() { [(1, 2)] = 3 }), "Value", null },
        { new Of<FrozenSet<int>>(FrozenSet.ToFrozenSet([1])), "$.value", null },
        { new Of<Type>(typeof(int)), "Value", new Of<Type?>(null) },
        { new Of<Nested>(new(default, 1)), "Of`1.Value.Inner", null },
        { new Of<ImmutableArray<int>>(default), "Of`1.Value", new Of<ImmutableArray<int>>([1]) },
    };

    /// <summary>Events that come back as they were.</summary>
    public static TheoryData<object> Kept =>
    [
        new Paid(null), new Drawn(null), new Drawn(new Figure(2)), new Loosened(new Known(3)),
        new WithRequired { Name = "Ada" }, new WithInitialiser(), new WithDefault(),
        new Validated(1) with { Amount = 2 },
        new Of<string>("\ufffd and \ud83d\ude00 \" < é \u2028 \0"), new Of<char>('\ufffd'), new Of<string?>(null),
        new Of<decimal>(-1.50m), new Of<decimal>(-0.0m), new Of<double>(-0.0), new Of<float>(float.Epsilon),
        new Of<Half?>((Half)1.5), new Of<Int128>(Int128.MinValue), new Of<ulong>(ulong.MaxValue),
        new Of<DateTime>(DateTime.MaxValue), new Of<DateTime?>(DateTime.UnixEpoch),
        new Of<DateTimeOffset>(new(1, 1, 2, 3, 4, 5, TimeSpan.FromHours(14))), new Of<TimeSpan>(TimeSpan.MinValue),
        new Of<DateOnly>(DateOnly.MaxValue), new Of<TimeOnly>(TimeOnly.MaxValue), new Of<Version>(new(1, 2)),
        new Of<Uri>(new("https://a.example/a%20b?c#d")), new Of<Uri>(new("/a", UriKind.Relative)),
        new Of<DayOfWeek>((DayOfWeek)17), new Of<byte[]>([1, 2]),
        new Of<Special>([1, 2]), new Of<List<int?>>([1, null]), new Of<HashSet<string>>(["b", "a"]),
        new Of<Dictionary<string, string?>>(new() { ["$id"] = "1", ["$type"] = null, [""] = "" }),
        new Of<SortedSet<int>>([2, 1]), new Of<Queue<int>>(new([1, 2])), new Of<ImmutableList<int>>([2, 1]),
        new Of<ImmutableArray<int>>([2, 1]), new Of<ImmutableHashSet<string>>(["x", "y"]),
        new Of<ImmutableDictionary<string, int>>(ImmutableDictionary<string, int>.Empty.Add("a", 1).Add("b", 2)),
        new Of<ConcurrentDictionary<string, int>>(new() { ["a"] = 1, ["b"] = 2 }),
        new Of<LinkedList<int>>(new([1, 2])), new Of<ReadOnlyMemory<byte>>(new byte[] { 1, 2 }),
        new Of<IEnumerable<int>>([1, 2]), new Of<IReadOnlyList<int>>(ImmutableArray.Create(1, 2)),
        new Of<IReadOnlyList<int>>([1]), new Of<IReadOnlyCollection<string>>(new List<string> { "a" }.AsReadOnly()),
        new Of<IList<int>>(new List<int> { 1 }), new Of<ISet<int>>(new HashSet<int> { 1 }),
        new Of<IReadOnlyDictionary<string, int>>(new Dictionary<string, int> { ["a"] = 1 }),
        new Of<(int, string)[]>([(1, "a")]), new Of<KeyValuePair<string, int>>(new("a", 1)),
        new Of<JsonElement>(Element("""{ "a": [1.0, "\u0061"] }""")), new Of<Tuple<int, string>>(new(1, "a")),
        new WithExtension { Name = "a", More = new() { ["other"] = Element("1.0") } }, new Node { Next = new Node() },
    ];

    /// <summary>Events that JSON does not keep and Orleans' codec does.</summary>
    public static TheoryData<object> KeptByOrleans =>
    [
        new InBoth<int[,]>(new[,] { { 1, 2 }, { 3, 4 } }), new InBoth<double>(double.NaN),
        new InBoth<Dictionary<(int, int), string>>(new() { [(1, 2)] = "a" }), new InBoth<Type>(typeof(int)),
        new InBoth<ArraySegment<byte>>(new([1, 2])), new InBoth<FrozenSet<int>>(FrozenSet.ToFrozenSet([1, 2])),
        new InBoth<Stack<int>>(new([1, 2])), new InBoth<object>(7), new InBoth<IList<int>>(new[] { 1 }),
        new InBoth<Dictionary<string, int>>(new(StringComparer.OrdinalIgnoreCase) { ["a"] = 1 }),
        new InBoth<IReadOnlyDictionary<string, int>>(ImmutableDictionary<string, int>.Empty.Add("a", 1)),
        new InBoth<System.Collections.ObjectModel.ReadOnlyDictionary<string, int>>(
            new(new Dictionary<string, int> { ["a"] = 1 })),
    ];

    [GenerateSerializer]
    internal sealed record InBoth<T>([property: Id(0)] T Value) : IOrderEvent;

    // The field that a primary constructor's parameter becomes has no id.
    [GenerateSerializer, Alias("with-member-left-out")]
    internal sealed class WithMemberLeftOut(int leftOut) : IOrderEvent
    {
        [Id(0)] public object? Any { get; set; } = 1;

        public int Next() => ++leftOut;
    }
}
