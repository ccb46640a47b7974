using Granary.Runtime;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans.Serialization;

namespace Granary.Tests.Unit.States;

public sealed class StateCodecTests : IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddSerializer().BuildServiceProvider();

    public void Dispose() => _services.Dispose();

    [Fact]
    public void A_state_that_Orleans_serializes_comes_back_with_its_private_fields()
    {
        var codec = Codec<WholeState>();
        var state = new WholeState { Name = "name" };
        state.Add(5);

        Assert.True(codec.IsSupported);
        var back = RoundTrip(codec, state);
        Assert.Equal(("name", 5), (back.Name, back.Sum));
    }

    [Fact]
    public void A_copy_shares_nothing_with_the_original()
    {
        var codec = Codec<WholeState>();
        var state = new WholeState();
        state.Add(1);
        var copy = codec.Copy(state);
        copy.Add(2);

        Assert.Equal((1, 3), (state.Sum, copy.Sum));
    }

    [Fact]
    public void A_state_without_a_serializer_gets_no_snapshots_but_copies()
    {
        var codec = Codec<UnknownState>();
        var state = new UnknownState();
        state.Add(1);
        var copy = codec.Copy(state);
        copy.Add(2);

        Assert.False(codec.IsSupported);
        Assert.Equal((1, 3), (state.Sum, copy.Sum));
    }

    [Fact]
    public void A_state_with_a_member_without_an_Id_gets_no_snapshots_and_whole_copies()
    {
        var codec = Codec<PartState>();
        var state = new PartState { Kept = 1 };
        state.Lose(2);
        var copy = codec.Copy(state);

        Assert.False(codec.IsSupported);
        Assert.Null(codec.TryEncode(state));
        Assert.Equal((1, 2), (copy.Kept, copy.Lost));
        Assert.EndsWith("PartState.lost", SerializedMembers.FirstLeftOut(typeof(PartState)), StringComparison.Ordinal);
        Assert.NotNull(SerializedMembers.FirstLeftOut(typeof(HoldingPartState)));
    }

    [Fact]
    public void Members_that_have_their_Id_by_another_way_are_not_left_out()
    {
        Assert.Null(SerializedMembers.FirstLeftOut(typeof(WholeState)));
        Assert.Null(SerializedMembers.FirstLeftOut(typeof(RecordState)));
        Assert.Null(SerializedMembers.FirstLeftOut(typeof(NumberedState)));
        var codec = Codec<RecordState>();
        Assert.Equal(new RecordState(3, "three"), RoundTrip(codec, new RecordState(3, "three")));
        var numbered = Codec<NumberedState>();
        Assert.Equal(4, RoundTrip(numbered, new NumberedState { Value = 4 }).Value);
    }

    [Fact]
    public void An_open_field_that_holds_what_Orleans_cannot_copy_is_copied_all_the_same()
    {
        var codec = Codec<OpenState>();
        var state = new OpenState { Anything = new UnknownState() };
        var copy = codec.Copy(state);
        ((UnknownState)copy.Anything!).Add(1);

        Assert.Equal(0, ((UnknownState)state.Anything).Sum);
    }

    [Fact]
    public void A_state_marked_immutable_is_copied_and_not_shared()
    {
        var state = new FrozenState();
        Assert.NotSame(state, Codec<FrozenState>().Copy(state));
    }

    private static T RoundTrip<T>(StateCodec<T> codec, T state)
        where T : class, new()
    {
        var encoded = codec.TryEncode(state)!.Value;
        return codec.TryDecode(encoded.Fingerprint, encoded.Payload)!;
    }

    private StateCodec<T> Codec<T>()
        where T : class, new() => new(
        _services.GetRequiredService<Serializer>(),
        _services.GetRequiredService<DeepCopier>(),
        NullLogger<StateCodec<T>>.Instance);
}

[GenerateSerializer, Alias("test.WholeState")]
public sealed class WholeState
{
    [Id(0)] private readonly List<int> _numbers = [];

    [Id(1)] public string? Name { get; set; }

    [field: NonSerialized] public int Cached { get; set; }

    public int Sum => _numbers.Sum();

    public void Add(int number) => _numbers.Add(number);
}

public sealed class UnknownState
{
    private readonly List<int> _numbers = [];

    public int Sum => _numbers.Sum();

    public void Add(int number) => _numbers.Add(number);
}

/// <summary>What a primary constructor captures has no Id, and Orleans' analyzer does not see it.</summary>
[GenerateSerializer, Alias("test.PartState")]
public sealed class PartState(int lost)
{
    public PartState()
        : this(0)
    {
    }

    [Id(0)] public int Kept { get; set; }

    public int Lost => lost;

    public void Lose(int number) => lost = number;
}

[GenerateSerializer, Alias("test.HoldingPartState")]
public sealed class HoldingPartState
{
    [Id(0)] public Dictionary<string, PartState[]> Parts { get; } = [];
}

[GenerateSerializer, Alias("test.RecordState")]
public sealed record RecordState(int Number, string Text)
{
    public RecordState()
        : this(0, "")
    {
    }
}

[GenerateSerializer(GenerateFieldIds = GenerateFieldIds.PublicProperties), Alias("test.NumberedState")]
public sealed class NumberedState
{
    public int Value { get; set; }
}

[GenerateSerializer, Alias("test.OpenState")]
public sealed class OpenState
{
    [Id(0)] public object? Anything { get; set; }
}

[GenerateSerializer, Immutable, Alias("test.FrozenState")]
public sealed class FrozenState
{
    [Id(0)] public int Value { get; set; }
}
