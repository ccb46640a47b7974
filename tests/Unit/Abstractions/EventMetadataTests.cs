using System.Text;

namespace Granary.Tests.Unit.Abstractions;

public sealed class EventMetadataTests
{
    [Fact]
    public void Pairs_are_one_flat_JSON_object_and_come_back()
    {
        var metadata = EventMetadata.Of([new("actor", "Ada"), new("a\"b", "ü🗝\n"), new("", "")]);

        Assert.Equal(
            "{\"actor\":\"Ada\",\"a\\u0022b\":\"\\u00FC\\uD83D\\uDDDD\\n\",\"\":\"\"}", metadata.ToString());
        var read = EventMetadata.FromUtf8(metadata.Utf8);
        Assert.Equal(("Ada", "ü🗝\n", ""), (read.Actor, read.Find("a\"b"), read.Find("")));
        Assert.Equal(3, read.Pairs.Count);
        Assert.Null(read.Find("Actor"));
    }

    [Fact]
    public void Of_two_pairs_with_one_name_the_later_counts()
    {
        var first = EventMetadata.Of([new("a", "1"), new("a", "2"), new("b", "1")]);
        var second = first.With([new("b", "2"), new("c", "3")]);

        Assert.Equal(EventMetadata.Of([new("c", "3"), new("b", "2"), new("a", "2")]), second);
        Assert.Equal("1", first.Find("b"));
    }

    [Fact]
    public void Metadata_is_equal_by_its_content_not_by_how_it_is_written()
    {
        var one = FromText("""{"a":"1","b":"2"}""");
        var same = FromText("""{ "b": "2", "a": "\u0031" }""");

        Assert.Equal(one, same);
        Assert.Equal(one.GetHashCode(), same.GetHashCode());
        Assert.NotEqual(one, FromText("""{"a":"1","b":"3"}"""));
        Assert.NotEqual(one, FromText("""{"a":"1"}"""));
        Assert.False(one.Equals(null));
        Assert.False(one.Equals((object)"{}"));
    }

    [Fact]
    public void Nothing_is_an_empty_object()
    {
        Assert.Same(EventMetadata.Empty, EventMetadata.Of([]));
        Assert.Same(EventMetadata.Empty, EventMetadata.FromUtf8(default));
        Assert.Same(EventMetadata.Empty, FromText("{}"));
        Assert.Equal("{}", EventMetadata.Empty.ToString());
        Assert.Empty(EventMetadata.Empty.Pairs);
        Assert.Null(EventMetadata.Empty.CorrelationId);
        Assert.Equal(EventMetadata.Empty, FromText("{ }"));
    }

    [Theory]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("1")]
    [InlineData("{")]
    [InlineData("no JSON")]
    [InlineData("{\"a\":1}")]
    [InlineData("{\"a\":null}")]
    [InlineData("{\"a\":{\"b\":\"c\"}}")]
    public void Stored_bytes_that_are_no_pairs_of_text_are_a_corrupt_store(string stored)
    {
        var metadata = FromText(stored);

        Assert.Throws<StoreCorruptException>(() => metadata.Pairs);
        Assert.Throws<StoreCorruptException>(() => metadata.Find("a"));
        Assert.Throws<StoreCorruptException>(() => metadata.Actor);
    }

    [Fact]
    public void Metadata_of_16_KiB_is_accepted_and_of_a_byte_more_refused()
    {
        var frame = """{"a":""}""".Length;
        var largest = EventMetadata.Of([new("a", new string('x', GranaryLimits.MetadataSizeMax - frame))]);

        Assert.Equal(16_384, largest.Utf8.Length);
        var error = Assert.Throws<LimitExceededException>(() => largest.With([new("b", "")]));
        Assert.Equal(("metadata", 16_391, 16_384), (error.Subject, error.Actual, error.Allowed));
    }

    [Fact]
    public void What_would_not_come_back_as_it_was_is_refused()
    {
        Assert.Throws<ArgumentException>(static () => EventMetadata.Of([new("a", "\ud800")]));
        Assert.Throws<ArgumentException>(static () => EventMetadata.Of([new("\udc00", "a")]));
        Assert.Throws<ArgumentException>(static () => EventMetadata.Of([new("a", null!)]));
    }

    private static EventMetadata FromText(string json) => EventMetadata.FromUtf8(Encoding.UTF8.GetBytes(json));
}
