using System.Collections.Concurrent;
using Granary.Runtime;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans.Serialization;

namespace Granary.Tests.Unit.States;

/// <summary>
/// States whose members all have an <c>[Id]</c>, and that Orleans' serializer or copier changes all the same.
/// </summary>
public sealed class SerializerTrapTests : IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddSerializer().BuildServiceProvider();

    public void Dispose() => _services.Dispose();

    [Fact]
    public void A_member_marked_immutable_is_not_shared_with_the_copy()
    {
        var state = new WithImmutableMember { Items = [1] };
        Codec<WithImmutableMember>().Copy(state).Items.Add(2);

        Assert.Equal([1], state.Items);
    }

    [Fact]
    public void One_object_in_two_members_stays_one_although_its_type_suppresses_reference_tracking()
    {
        var part = new Untracked { Number = 1 };
        var state = new WithUntracked { One = part, Other = part };
        var codec = Codec<WithUntracked>();
        var copy = codec.Copy(state);

        Assert.Same(copy.One, copy.Other);
        Assert.Null(codec.TryEncode(state));
        Assert.NotNull(codec.TryEncode(new() { One = part, Other = new() }));
    }

    [Fact]
    public void A_default_value_that_is_omitted_is_not_replaced_by_an_initial_value()
    {
        var codec = Codec<WithOmitted>();

        Assert.Null(codec.TryEncode(new() { Count = 0 }));
        Assert.Equal(7, Back(codec, new() { Count = 7 }).Count);
    }

    [Fact]
    public void A_setter_with_code_of_its_own_does_not_change_a_copy_or_a_snapshot()
    {
        var state = new WithSetterCode { Name = "a" };
        var codec = Codec<WithSetterCode>();

        Assert.Equal((1, 1), (state.Changes, codec.Copy(state).Changes));
        Assert.Null(codec.TryEncode(state));
    }

    [Fact]
    public void A_setter_that_a_derived_class_overrides_does_not_either()
    {
        var state = new WithOverride { Name = "a" };

        var codec = Codec<WithOverride>();

        Assert.Equal((1, 1), (state.Changes, codec.Copy(state).Changes));
        Assert.Null(codec.TryEncode(state));
    }

    [Fact]
    public void Half_a_surrogate_pair_is_no_other_character_in_a_snapshot()
    {
        var codec = Codec<WithText>();

        Assert.Null(codec.TryEncode(new() { Text = "half \ud83d" }));
        Assert.Equal("\ufffd \ud83d\ude00", Back(codec, new() { Text = "\ufffd \ud83d\ude00" }).Text);
    }

    [Fact]
    public void Another_name_for_an_enums_value_is_another_shape() => Assert.NotEqual(
        StateFingerprint.Of([EnumOf("Open", "Closed")]), StateFingerprint.Of([EnumOf("Closed", "Open")]));

    [Theory]
    [InlineData(typeof(ConcurrentBag<int>))]
    [InlineData(typeof(ThreadLocal<int>))]
    [InlineData(typeof(WeakReference<object>))]
    [InlineData(typeof(WithFinalizer))]
    public void What_a_copy_would_share_or_free_twice_is_refused(Type type)
    {
        Assert.Equal(StateKind.Refused, StateKinds.Of(type));
        var error = Assert.Throws<StateNotSupportedException>(() => Codec(typeof(Holding<>).MakeGenericType(type)));
        Assert.Contains("Value", error.Member, StringComparison.Ordinal);
    }

    [Fact]
    public void A_copy_has_the_members_that_a_snapshot_leaves_out()
    {
        var state = new WithCache { Count = 1 };
        state.Remember("a");

        Assert.Equal(["a"], Codec<WithCache>().Copy(state).Remembered);
    }

    [Fact]
    public void A_state_that_would_be_shared_instead_of_copied_is_refused() =>
        Assert.Throws<StateNotSupportedException>(static () => new SerializerTrapTests().Codec<ServiceState>());

    private static T Back<T>(StateCodec<T> codec, T state)
        where T : class, new() => codec.TryEncode(state) is { } encoded
            ? codec.TryDecode(encoded.Fingerprint, encoded.Payload)!
            : throw new InvalidOperationException("No snapshot was taken.");

    private static Type EnumOf(params string[] names)
    {
        var module = System.Reflection.Emit.AssemblyBuilder.DefineDynamicAssembly(
            new("Unit.Enums"), System.Reflection.Emit.AssemblyBuilderAccess.Run).DefineDynamicModule("only");
        var made = module.DefineEnum("Status", System.Reflection.TypeAttributes.Public, typeof(int));
        for (var at = 0; at < names.Length; at++) made.DefineLiteral(names[at], at);
        return made.CreateType();
    }

    private StateCodec<T> Codec<T>()
        where T : class, new() => new(
        _services.GetRequiredService<Serializer>(), _services.GetRequiredService<DeepCopier>(),
        NullLogger<StateCodec<T>>.Instance);

    private object Codec(Type state)
    {
        var codec = new Func<object>(Codec<object>).Method.GetGenericMethodDefinition().MakeGenericMethod(state);
        return codec.Invoke(this, System.Reflection.BindingFlags.DoNotWrapExceptions, null, [], null)!;
    }

    [GenerateSerializer, Alias("unit.WithImmutableMember")]
    internal sealed class WithImmutableMember
    {
        [Id(0), Immutable] public List<int> Items { get; set; } = [];
    }

    [GenerateSerializer, Alias("unit.Untracked"), SuppressReferenceTracking]
    internal sealed class Untracked
    {
        [Id(0)] public int Number { get; set; }
    }

    [GenerateSerializer, Alias("unit.WithUntracked")]
    internal sealed class WithUntracked
    {
        [Id(0)] public Untracked? One { get; set; }

        [Id(1)] public Untracked? Other { get; set; }
    }

    [GenerateSerializer, Alias("unit.WithOmitted"), OmitDefaultMemberValues]
    internal sealed class WithOmitted
    {
        [Id(0)] public int Count { get; set; } = 5;
    }

    [GenerateSerializer, Alias("unit.WithSetterCode")]
    internal sealed class WithSetterCode
    {
        [Id(0)] public int Changes { get; set; }

        [Id(1)]
        public string? Name
        {
            get;
            set
            {
                field = value;
                Changes++;
            }
        }
    }

    [GenerateSerializer, Alias("unit.Overridable")]
    internal class Overridable
    {
        [Id(0)] public int Changes { get; set; }

        [Id(1)] public virtual string? Name { get; set; }
    }

    [GenerateSerializer, Alias("unit.WithOverride")]
    internal sealed class WithOverride : Overridable
    {
        public override string? Name
        {
            get => base.Name;
            set
            {
                base.Name = value;
                Changes++;
            }
        }
    }

    [GenerateSerializer, Alias("unit.WithText")]
    internal sealed class WithText
    {
        [Id(0)] public string Text { get; set; } = "";
    }

    [GenerateSerializer, Alias("unit.WithCache")]
    internal sealed class WithCache
    {
        [NonSerialized] private string[] _remembered = [];

        [Id(0)] public int Count { get; set; }

        public string[] Remembered => _remembered;

        public void Remember(string text) => _remembered = [.. _remembered, text];
    }

    internal sealed class Holding<T>
    {
        public T? Value { get; set; }
    }

    internal sealed class WithFinalizer
    {
        ~WithFinalizer() => Freed = true;

        public static bool Freed { get; private set; }
    }

    internal sealed class ServiceState : IServiceProvider
    {
        public object? GetService(Type serviceType) => null;
    }
}
