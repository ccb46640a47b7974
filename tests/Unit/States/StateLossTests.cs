using Granary.Runtime;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.Serialization;

namespace Granary.Tests.Unit.States;

/// <summary>A snapshot and a copy hold all of a state, or there is none.</summary>
public sealed class StateLossTests : IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddSerializer().BuildServiceProvider();
    private readonly Lines _log = new();

    public void Dispose() => _services.Dispose();

    [Fact]
    public void A_member_without_an_Id_of_a_derived_object_is_not_lost_by_a_snapshot_or_a_copy()
    {
        var codec = Codec<OpenGraphState>();
        var part = new LossyPart(7) { Number = 1 };
        foreach (var state in new OpenGraphState[] { new() { Part = part }, new() { Parts = [part] } })
        {
            Assert.Null(codec.TryEncode(state));
            Assert.Null(codec.TryEncode(state));
            var copy = codec.Copy(state);
            var copied = Assert.IsType<LossyPart>(copy.Part ?? copy.Parts[0]);
            Assert.Equal((1, 7), (copied.Number, copied.Sum));
            copied.Add(1);
            Assert.Equal(7, part.Sum);
        }

        Assert.Contains("LossyPart.sum", Assert.Single(_log.All), StringComparison.Ordinal);
    }

    [Fact]
    public void A_derived_object_that_is_whole_comes_back_and_its_shape_is_checked()
    {
        var codec = Codec<OpenGraphState>();
        var plain = codec.TryEncode(new OpenGraphState { Part = new() })!.Value;
        var encoded = codec.TryEncode(new OpenGraphState { Part = new WholePart { Number = 1, Text = "t" } })!.Value;
        Assert.NotEqual(plain.Fingerprint, encoded.Fingerprint);

        var back = Assert.IsType<WholePart>(codec.TryDecode(encoded.Fingerprint, encoded.Payload)!.Part);
        Assert.Equal((1, "t"), (back.Number, back.Text));

        // As written by a version of the application in which the derived class had other members.
        Assert.Null(codec.TryDecode($"{plain.Fingerprint}+0123456789abcdef", encoded.Payload));
        Assert.Null(codec.TryDecode(plain.Fingerprint, encoded.Payload));
        Assert.Null(codec.TryDecode("0123456789abcdef", plain.Payload));
    }

    [Fact]
    public void Collections_with_comparers_come_back_as_they_are_or_not_at_all()
    {
        var codec = Codec<OpenGraphState>();
        var ignoring = StringComparer.OrdinalIgnoreCase;
        OpenGraphState[] states =
        [
            new() { Counts = new(ignoring) { ["A"] = 1 } },
            new() { Counts = new(new Backward()) { ["A"] = 1 } },
            new() { Concurrent = new(ignoring) { ["A"] = 1 } },
            new() { Concurrent = new() { ["A"] = 1, ["B"] = 2 } },
            new() { Stack = new([1, 2, 3]) },
            new() { Sorted = new(new Backward()) { ["A"] = 1, ["B"] = 2 } },
            new() { Anything = new object[] { 1.5, -0.0, "x" } },
            new() { Anything = new List<object> { new OpenPart(), new WholePart { Text = "w" } } },
        ];
        foreach (var state in states)
        {
            var copy = codec.Copy(state);
            Assert.Null(StateComparison.FirstDifference(state, copy));
            if (codec.TryEncode(state) is not { } encoded) continue;
            var back = codec.TryDecode(encoded.Fingerprint, encoded.Payload)!;
            Assert.Null(StateComparison.FirstDifference(state, back));
        }

        Assert.NotNull(codec.TryEncode(states[3]));
        Assert.NotNull(codec.TryEncode(states[7]));
    }

    [Fact]
    public void A_chain_that_nests_too_deep_for_Orleans_is_copied_and_gets_no_snapshot()
    {
        var codec = Codec<OpenGraphState>();
        var state = new OpenGraphState();
        for (var at = 0; at < 100_000; at++) state.Chain = new ChainLink { Next = state.Chain };

        Assert.Null(codec.TryEncode(state));
        Assert.Contains("nests deeper", Assert.Single(_log.All), StringComparison.Ordinal);
        var length = 0;
        for (var link = codec.Copy(state).Chain; link is not null; link = link.Next) length++;
        Assert.Equal(100_000, length);
    }

    [Fact]
    public void A_state_type_with_a_delegate_is_refused_by_member_name()
    {
        var error = Assert.Throws<StateNotSupportedException>(() => Codec<DelegateState>());
        Assert.EndsWith("DelegateState.Discount", error.Member, StringComparison.Ordinal);
        error = Assert.Throws<StateNotSupportedException>(() => Codec<NestedDelegateState>());
        Assert.EndsWith("NestedDelegateState.Actions", error.Member, StringComparison.Ordinal);
    }

    [Fact]
    public void A_delegate_or_a_task_that_only_the_object_shows_is_refused_by_the_copy()
    {
        var codec = Codec<HiddenDelegateState>();
        object[] refused = [() => 1, new List<object> { Task.CompletedTask }, new MemoryStream()];
        foreach (var one in refused)
        {
            var error = Assert.Throws<StateNotSupportedException>(
                () => codec.Copy(new HiddenDelegateState { Anything = one }));
            Assert.EndsWith("HiddenDelegateState.Anything", error.Member, StringComparison.Ordinal);
        }
    }

    private StateCodec<T> Codec<T>()
        where T : class, new() => new(
        _services.GetRequiredService<Serializer>(), _services.GetRequiredService<DeepCopier>(), new Typed<T>(_log));

    [GenerateSerializer, Alias("unit.Backward")]
    internal sealed class Backward : IComparer<string>, IEqualityComparer<string>
    {
        public int Compare(string? x, string? y) => string.CompareOrdinal(y, x);

        public bool Equals(string? x, string? y) => x == y;

        public int GetHashCode(string obj) => obj.Length;
    }

    private sealed class Lines
    {
        public List<string> All { get; } = [];
    }

    private sealed class Typed<T>(Lines lines) : ILogger<StateCodec<T>>
        where T : class, new()
    {
        public IDisposable? BeginScope<TScope>(TScope state)
            where TScope : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TMessage>(
            LogLevel logLevel, EventId eventId, TMessage state, Exception? exception,
            Func<TMessage, Exception?, string> formatter)
        {
            if (logLevel >= LogLevel.Warning) lines.All.Add(formatter(state, exception));
        }
    }
}
