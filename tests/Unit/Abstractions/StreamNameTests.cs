namespace Granary.Tests.Unit.Abstractions;

public sealed class StreamNameTests
{
    [Theory]
    [InlineData("account/a1", "account", "a1")]
    [InlineData("repository/octokit/webhooks", "repository", "octokit/webhooks")]
    [InlineData("a//", "a", "/")]
    [InlineData(" / ", " ", " ")]
    [InlineData("Straße/Ключ 🗝", "Straße", "Ключ 🗝")]
    [InlineData("c/\0\r\n\t%2F?#'\";--\\", "c", "\0\r\n\t%2F?#'\";--\\")]
    [InlineData("c/..", "c", "..")]
    public void A_name_is_read_up_to_its_first_slash_and_written_the_same(string text, string category, string key)
    {
        var name = StreamName.Parse(text);

        Assert.Equal((category, key, text), (name.Category, name.Key, name.ToString()));
        Assert.Equal(new StreamName(category, key), name);
        Assert.True(StreamName.TryParse(text, out var tried, out var fault));
        Assert.Equal((name, null), (tried, fault));
    }

    [Theory]
    [InlineData(null, "category/key")]
    [InlineData("", "category/key")]
    [InlineData("account", "category/key")]
    [InlineData("/a1", "category must not be empty")]
    [InlineData("account/", "key must not be empty")]
    [InlineData("/", "category must not be empty")]
    public void What_names_no_stream_is_refused_with_the_reason(string? text, string reason)
    {
        Assert.False(StreamName.TryParse(text, out var name, out var fault));
        Assert.True(name.IsUnset);
        Assert.Contains(reason, fault, StringComparison.Ordinal);
        if (text is not null)
            Assert.Equal(fault, Assert.Throws<FormatException>(() => StreamName.Parse(text)).Message);
    }

    [Fact]
    public void A_lone_surrogate_is_refused()
    {
        // An attribute could not hold them: it is kept as UTF-8.
        (string Text, string Part)[] lone =
            [("account/\ud800", "key"), ("\udc00/a1", "category"), ("account/\ude00\ud83d", "key")];
        foreach (var (text, part) in lone)
        {
            Assert.False(StreamName.TryParse(text, out _, out var fault));
            Assert.Contains($"{part} must be well-formed", fault, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_part_has_at_most_512_characters()
    {
        var longest = new string('x', 512);
        var name = new StreamName(longest, longest);

        Assert.Equal(name, StreamName.Parse($"{longest}/{longest}"));
        Assert.Contains(
            "key holds at most 512 characters; this one has 513",
            Assert.Throws<ArgumentException>(() => new StreamName("a", longest + "x")).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "category holds at most 512",
            Assert.Throws<ArgumentException>(() => new StreamName(longest + "x", "a")).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_category_holds_no_slash()
    {
        Assert.Contains(
            "must not contain a slash",
            Assert.Throws<ArgumentException>(static () => new StreamName("a/b", "c")).Message,
            StringComparison.Ordinal);
        Assert.False(StreamName.TryCreate("a/b", "c", out _, out _));
        Assert.True(StreamName.TryCreate("a", "b/c", out var name, out _));
        Assert.Equal("a/b/c", name.ToString());
    }

    [Fact]
    public void Null_parts_are_refused_like_empty_ones()
    {
        Assert.False(StreamName.TryCreate(null, "c", out _, out _));
        Assert.False(StreamName.TryCreate("a", null, out _, out _));
        Assert.Throws<ArgumentException>(static () => new StreamName(null!, "c"));
    }

    [Fact]
    public void Names_differ_by_every_character_and_by_their_case()
    {
        var name = new StreamName("account", "a1");

        Assert.Equal(new StreamName("account", "a1").GetHashCode(), name.GetHashCode());
        Assert.NotEqual(new StreamName("account", "A1"), name);
        Assert.NotEqual(new StreamName("account", "é"), new StreamName("account", "e\u0301"));
        Assert.NotEqual(default, name);
    }

    [Fact]
    public void The_default_value_is_shown_as_none()
    {
        Assert.True(default(StreamName).IsUnset);
        Assert.Equal("(no stream)", default(StreamName).ToString());
        Assert.Throws<InvalidOperationException>(static () => default(StreamName).Category);
        Assert.Throws<InvalidOperationException>(static () => default(StreamName).Key);
    }
}
