using System.Text;
using Granary.Client;
using Granary.Gateway;

namespace Granary.Tests.Unit.Gateway;

/// <summary>The reader of plain lines against the one that reads every line.</summary>
public sealed class EventJsonLineTests
{
    private const long Number = 3;

    [Theory]
    [InlineData("""{"id":"1","stream":"a/b","events":[{"type":"c","data":{"n":1}}]}""")]
    [InlineData("""{"events":[{"type":"c"},{"type":"d","data":7}],"stream":"a/\u0062","id":"\u00e4"}""")]
    [InlineData("""{"id":"1","stream":"a/b","expected":7,"events":[{"type":"c"}]}""")]
    [InlineData("""{"id":"1","stream":"a/b","expected":0,"idempotencyKey":"k","events":[{"type":"c"}]}""")]
    [InlineData(""" { "id" : "1" , "stream" : "a/b" , "events" : [ { "type" : "c" } ] } """ + "\r")]
    public void A_plain_line_is_read_as_every_line_is(string line)
    {
        var read = TryRead(line);
        Assert.NotNull(read);
        AssertEqual(Document(line)!.Value, read.Value);
    }

    [Theory]
    [InlineData("")]
    [InlineData("7")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"id":"1","stream":"a/b"}""")]
    [InlineData("""{"id":"1","events":[{"type":"c"}]}""")]
    [InlineData("""{"stream":"a/b","events":[{"type":"c"}]}""")]
    [InlineData("""{"id":"1","stream":"a/b","events":[]}""")]
    [InlineData("""{"id":"1","stream":"a/b","events":{"type":"c"}}""")]
    [InlineData("""{"id":"1","stream":"a/b","events":[{"type":"c"}],"more":1}""")]
    [InlineData("""{"id":"1","id":"1","stream":"a/b","events":[{"type":"c"}]}""")]
    [InlineData("""{"id":1,"stream":"a/b","events":[{"type":"c"}]}""")]
    [InlineData("""{"id":"","stream":"a/b","events":[{"type":"c"}]}""")]
    [InlineData("""{"id":"1","stream":"ab","events":[{"type":"c"}]}""")]
    [InlineData("""{"id":"1","stream":null,"events":[{"type":"c"}]}""")]
    [InlineData("""{"id":"1","stream":"a/b","expected":-1,"events":[{"type":"c"}]}""")]
    [InlineData("""{"id":"1","stream":"a/b","expected":1.5,"events":[{"type":"c"}]}""")]
    [InlineData("""{"id":"1","stream":"a/b","idempotencyKey":"","events":[{"type":"c"}]}""")]
    [InlineData("""{"id":"1","stream":"a/b","idempotencyKey":7,"events":[{"type":"c"}]}""")]
    [InlineData("""{"id":"1","stream":"a/b","events":[{"type":"c"}]} {}""")]
    [InlineData("""{"id":"1","stream":"a/b","events":[{"type":"c"}]""")]
    public void What_is_no_append_it_leaves(string line)
    {
        Assert.Null(Document(line));
        Assert.Null(TryRead(line));
    }

    [Fact]
    public void A_text_that_is_too_long_is_left()
    {
        var longest = new string('x', AppendLine.IdLengthMax);
        Assert.NotNull(TryRead($$"""{"id":"{{longest}}","stream":"a/b","events":[{"type":"c"}]}"""));
        Assert.Null(TryRead($$"""{"id":"{{longest}}x","stream":"a/b","events":[{"type":"c"}]}"""));
    }

    // Most are refused then, some are other appends.
    [Fact]
    public void Lines_that_are_changed_at_random_are_read_as_every_line_is()
    {
        var lines = new[]
        {
            """{"id":"1","stream":"a/b","expected":70,"events":[{"type":"c","data":{"n":1.5}}]}""",
            """{"stream":"a/b","idempotencyKey":"k","id":"id","events":[{"type":"c"},{"type":"d"}]}""",
        };
        const string alphabet = "{}[]:,\"\\ntabde01.-/ u";
        var reads = 0;
        foreach (var line in ChangedTexts.Of(lines, alphabet, seed: 11))
        {
            if (TryRead(line) is not { } read) continue;
            reads++;
            AssertEqual(Document(line) ?? throw new InvalidOperationException($"Refused: {line}"), read);
        }

        Assert.InRange(reads, 500, 15_000);
    }

    private static TaggedAppend<LineTag>? TryRead(string line) =>
        Try(() => EventJson.TryReadLine(Number, Encoding.UTF8.GetBytes(line)));

    private static TaggedAppend<LineTag>? Document(string line) => Try(() =>
    {
        using var json = RequestBody.Parse(Encoding.UTF8.GetBytes(line));
        return AppendLine.Read(Number, json.RootElement);
    });

    private static TaggedAppend<LineTag>? Try(Func<TaggedAppend<LineTag>?> read)
    {
        try
        {
            return read();
        }
        catch (Exception fault) when (Problems.Of(fault) is not null)
        {
            return null;
        }
    }

    private static void AssertEqual(TaggedAppend<LineTag> expected, TaggedAppend<LineTag> read)
    {
        Assert.Equal((expected.Tag, expected.Stream), (read.Tag, read.Stream));
        var (one, other) = (expected.Append, read.Append);
        Assert.Equal((one.Expected, one.IdempotencyKey), (other.Expected, other.IdempotencyKey));
        Assert.Equal(
            one.Events.Select(static each => (each.Type, Data: Text(each.Data))),
            other.Events.Select(static each => (each.Type, Data: Text(each.Data))));
    }

    private static string? Text(byte[]? data) => data is null ? null : Encoding.UTF8.GetString(data);
}
