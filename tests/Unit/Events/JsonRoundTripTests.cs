using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Granary.Runtime;

namespace Granary.Tests.Unit.Events;

public sealed class JsonRoundTripTests
{
    private static readonly JsonSerializerOptions Options = Of(static _ => { });

    public static TheoryData<Type> Proved =>
    [
        typeof(OrderPaid), typeof(Positional), typeof(Derived), typeof(WithInit), typeof(WithSetters),
        typeof(WithPrimary), typeof(WithFields), typeof(WithInitialisers), typeof(OfStruct), typeof(Nested),
        typeof(Lists), typeof(Lossy.Of<Dictionary<string, List<DateTime?>>>), typeof(Lossy.Of<(int, string)[]>),
        typeof(Computed), typeof(Forwarding), typeof(Lossy.Of<HashSet<Guid>>), typeof(Lossy.Of<DayOfWeek>),
    ];

    public static TheoryData<Type, string> Doubtful => new()
    {
        { typeof(Lossy.Validated), "constructor" },
        { typeof(Checked), "constructor" },
        { typeof(Swapped), "set by code" },
        { typeof(Overwritten), "set by code" },
        { typeof(Lossy.Trimmed), "set by code" },
        { typeof(WithBackingField), "set by code" },
        { typeof(Lossy.Hiding), "hides" },
        { typeof(Lossy.WithRequired), "settings" },
        { typeof(Lossy.WithInitialiser), "settings" },
        { typeof(Lossy.WithDefault), "settings" },
        { typeof(Lossy.WithExtension), "settings" },
        { typeof(Lossy.Paid), "derives" },
        { typeof(Lossy.Figure), "polymorphic" },
        { typeof(Lossy.Of<Lossy.Figure>), "derives" },
        { typeof(Lossy.Of<object>), "derives" },
        { typeof(Lossy.Of<IReadOnlyList<int>>), "derives" },
        { typeof(Lossy.Of<Stack<int>>), "derives" },
        { typeof(Lossy.Of<JsonElement>), "JsonElement" },
        { typeof(Lossy.Node), "nested without end" },
        { typeof(Lossy.Of<Dictionary<DayOfWeek, int>>), "keys" },
        { typeof(LostField), "not written" },
        { typeof(LostSetter), "not set" },
        { typeof(WithNumberText), "settings" },
        { typeof(WithTextEnum), "converter" },
        { typeof(WithCallback), "takes part" },
        { typeof(ChangingGetter), "computed" },
        { typeof(List<int>), "no plain object" },
        { typeof(WithScratch), "not stored" },
    };

    [Theory]
    [MemberData(nameof(Proved))]
    public void A_type_whose_members_are_only_moved_is_proved(Type type) => Assert.Null(DoubtOf(type, Options));

    [Theory]
    [MemberData(nameof(Doubtful))]
    public void A_type_that_may_change_what_it_holds_is_in_doubt(Type type, string reason) =>
        Assert.Contains(reason, DoubtOf(type, Options), StringComparison.Ordinal);

    [Fact]
    public void Options_that_may_drop_or_change_values_prove_nothing()
    {
        Action<JsonSerializerOptions>[] changes =
        [
            static options => options.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
            static options => options.IgnoreReadOnlyProperties = true,
            static options => options.IgnoreReadOnlyFields = true,
            static options => options.Converters.Add(new JsonStringEnumConverter()),
            static options => options.DictionaryKeyPolicy = JsonNamingPolicy.CamelCase,
            static options => options.ReferenceHandler = ReferenceHandler.Preserve,
            static options => options.NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
            static options => options.PreferredObjectCreationHandling = JsonObjectCreationHandling.Populate,
            static options => options.RespectNullableAnnotations = true,
            static options => options.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
            static options => options.AllowDuplicateProperties = false,
            static options => options.TypeInfoResolver =
                new DefaultJsonTypeInfoResolver { Modifiers = { static _ => { } } },
        ];

        foreach (var change in changes) Assert.NotNull(DoubtOf(typeof(OrderPaid), Of(change)));
    }

    [Fact]
    public void Whatever_follows_from_every_member_of_a_proved_type_is_looked_at()
    {
        var local = new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Local);
        var roundTrip = JsonRoundTrip.Of(Options.GetTypeInfo(typeof(Lossy.Of<Dictionary<string, List<DateTime?>>>)));

        Assert.True(IsKept(new() { ["a"] = [null, local.ToUniversalTime()] }));
        Assert.True(IsKept(null!));
        Assert.False(IsKept(new() { ["a"] = [null, local] }));
        Assert.False(IsKept(new(StringComparer.OrdinalIgnoreCase)));

        bool IsKept(Dictionary<string, List<DateTime?>> value) =>
            roundTrip.IsKept(new Lossy.Of<Dictionary<string, List<DateTime?>>>(value));
    }

    [Fact]
    public void Events_of_the_shipped_aggregates_are_proved() => Assert.All(
        typeof(Contracts.AccountOpened).Assembly.GetTypes().Where(
            static type => type.IsClass && type.GetInterfaces().Contains(typeof(Contracts.IAccountEvent))),
        static type => Assert.Null(DoubtOf(type, Options)));

    private static string? DoubtOf(Type type, JsonSerializerOptions options) =>
        JsonRoundTrip.Of(options.GetTypeInfo(type)).Doubt;

    private static JsonSerializerOptions Of(Action<JsonSerializerOptions> change)
    {
        var options = new GranaryEventOptions().Json;
        change(options);
        options.MakeReadOnly(populateMissingResolver: true);
        return options;
    }

    internal sealed record Positional(string? Text, int? Number, decimal Amount, byte[] Bytes, Guid[] Ids);

    internal abstract record Base(string By)
    {
        public int Count { get; init; }
    }

    internal sealed record Derived(string By, long Amount) : Base(By);

    internal sealed class WithInit
    {
        public required string Name { get; init; }
    }

    internal sealed class WithSetters
    {
        public string? Name { get; set; }

        public TimeSpan Duration { get; set; }
    }

    internal sealed class WithPrimary(string name)
    {
        public string Name { get; } = name;
    }

    internal sealed class WithFields
    {
        public string? Name = "a";
        public int Count = 1;
    }

    internal sealed record WithInitialisers(string Name)
    {
        public List<string> Lines { get; init; } = [];

        public string Note { get; init; } = "none";

        public decimal Amount { get; init; } = 1.5m;

        public string Empty { get; init; } = string.Empty;

        public int[] Numbers { get; init; } = [];
    }

    internal readonly record struct Money(decimal Amount, string Currency);

    internal sealed record OfStruct(Money Price, Money? Discount, (string, int) Pair);

    internal sealed record Nested(Positional Inner, WithInit[] Others);

    internal sealed record Lists(List<List<Positional?>> Lines);

    internal sealed record Computed(int Count)
    {
        public int Twice => Count * 2;
    }

    internal sealed record Forwarding(int Count)
    {
        public Forwarding()
            : this(0)
        {
        }
    }

    internal sealed record Checked
    {
        public Checked(string name)
        {
            ArgumentNullException.ThrowIfNull(name);
            Name = name;
        }

        public string Name { get; }
    }

    internal sealed class Swapped
    {
        public Swapped(int left, int right)
        {
            Left = right;
            Right = left;
        }

        public int Left { get; }

        public int Right { get; }
    }

    internal sealed class Overwritten
    {
        public Overwritten(string name)
        {
            Name = name;
            Name = "x";
        }

        public string Name { get; }
    }

    internal sealed class WithNumberText
    {
        [JsonNumberHandling(JsonNumberHandling.WriteAsString)]
        public int Number { get; set; }
    }

    internal sealed record WithTextEnum(Colour Colour);

    [JsonConverter(typeof(JsonStringEnumConverter<Colour>))]
    internal enum Colour
    {
        Red,
    }

    internal sealed record WithCallback(string Text) : IJsonOnDeserialized
    {
        public void OnDeserialized()
        {
        }
    }

    internal sealed class ChangingGetter
    {
        private int _count;

        public int Count
        {
            get => _count + 1;
            set => _count = value;
        }
    }
}
