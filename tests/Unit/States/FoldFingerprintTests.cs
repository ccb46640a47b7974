using Granary.Runtime;

namespace Granary.Tests.Unit.States;

public sealed class FoldFingerprintTests
{
    [Fact]
    public void Code_that_takes_part_in_the_fold_and_its_version_show()
    {
        string[] all =
        [
            FoldFingerprint.Of(typeof(First), new(), new()),
            FoldFingerprint.Of(typeof(Second), new(), new()),
            FoldFingerprint.Of(typeof(First), new Named("a"), new()),
            FoldFingerprint.Of(typeof(First), new Named("b"), new()),
            FoldFingerprint.Of(typeof(First), new(), new Named("a")),
            FoldFingerprint.Of(typeof(First), new(), new CheckedEventCodec<string>(new NamedCodec("b"))),
            FoldFingerprint.Of(typeof(First), new(), new CheckedEventCodec<string>(new NamedCodec("c"))),
        ];
        Assert.Equal(all.Length, all.Distinct().Count());
        Assert.Equal(all[2], FoldFingerprint.Of(typeof(First), new Named("a"), new()));
        Assert.EndsWith("First#1", FoldFingerprint.NameOf(typeof(First)), StringComparison.Ordinal);
    }

    [Fact]
    public void The_version_of_a_base_class_shows()
    {
        var name = FoldFingerprint.NameOf(typeof(OfBase));
        Assert.Contains("OfBase#0,", name, StringComparison.Ordinal);
        Assert.EndsWith("Base#4", name, StringComparison.Ordinal);
    }

    [Fact]
    public void An_upcaster_that_is_added_or_changed_shows()
    {
        string[] all =
        [
            new Upcasting([]).Identity,
            new Upcasting([new Old(1)]).Identity,
            new Upcasting([new Old(2)]).Identity,
            new Upcasting([new Old(1), new Old(2)]).Identity,
        ];
        Assert.Equal(all.Length, all.Distinct().Count());
        Assert.Contains("Old#3", all[1], StringComparison.Ordinal);
        Assert.Equal(all[3], new Upcasting([new Old(2), new Old(1)]).Identity);
    }

    [FoldVersion(1)]
    private sealed class First;

    private sealed class Second;

    [FoldVersion(4)]
    private abstract class Base;

    private sealed class OfBase : Base;

    private sealed class Named(string identity) : IFoldIdentity
    {
        public string FoldIdentity => identity;
    }

    private sealed class NamedCodec(string identity) : IEventCodec<string>, IFoldIdentity
    {
        public string FoldIdentity => identity;

        public NewEvent Encode(string @event, EventMetadata metadata) => throw new NotSupportedException();

        public void Decode(RecordedEvent recorded, ICollection<string> into) => throw new NotSupportedException();
    }

    [FoldVersion(3)]
    private sealed class Old(int schema) : IUpcaster
    {
        public string EventType => "old";

        public int SchemaVersion => schema;

        public IEnumerable<UpcastEvent> Upcast(UpcastEvent old) => [old];
    }
}
