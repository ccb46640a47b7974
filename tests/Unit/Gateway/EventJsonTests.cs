using System.Text;
using Granary.Contracts;
using Granary.Gateway;

namespace Granary.Tests.Unit.Gateway;

/// <summary>
/// The reader of plain bodies against the one that reads every body: what it reads is what the other reads, and what
/// the other refuses it does not read.
/// </summary>
public sealed class EventJsonTests
{
    private const string Id = "019a0000-0000-7000-8000-000000000001";

    [Theory]
    [InlineData("""{"type":"a"}""")]
    [InlineData("""{"type":"a","data":{"n":1.50,"t":"ä"}}""")]
    [InlineData(""" { "data" : [ 1 , {"a":[{}]} ] , "type" : "a" } """)]
    [InlineData("""{"type":"a","data":null}""")]
    [InlineData("""{"type":"a","data":"\u00e4\ud83d\ude00"}""")]
    [InlineData("""{"type":"\u0061b\n","data":7}""")]
    [InlineData("""{"type":"a","data":"text"}""")]
    [InlineData("""{"type":"a","id":null,"metadata":null}""")]
    [InlineData("{\"type\":\"a\",\"id\":\"" + Id + "\",\"metadata\":{\"by\":\"sh\\u0061p\",\"c\":\"\"}}")]
    [InlineData("""[{"type":"a"},{"type":"b","data":true}]""")]
    [InlineData("""{"type":"a","data":{"x":{"y":1},"y":{"y":1}}}""")]
    public void A_plain_body_is_read_as_every_body_is(string body)
    {
        var events = EventJson.TryRead(Encoding.UTF8.GetBytes(body));
        Assert.NotNull(events);
        AssertEqual(Document(body)!, events);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("7")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("[7]")]
    [InlineData("""[{"type":"a"}""")]
    [InlineData("""[{"type":"a"},]""")]
    [InlineData("""{"type":"a"} x""")]
    [InlineData("""{"type":"a"}{}""")]
    [InlineData("""{"type":"a",}""")]
    [InlineData("""{"type":null}""")]
    [InlineData("""{"type":""}""")]
    [InlineData("""{"type":7}""")]
    [InlineData("""{"type":"granary.own"}""")]
    [InlineData("""{"type":"a","type":"a"}""")]
    [InlineData("""{"type":"a","data":{"n":1,"n":1}}""")]
    [InlineData("""{"type":"a","data":{"n":1,"\u006e":1}}""")]
    [InlineData("""{"type":"a","data":[{"x":[{"n":1,"n":1}]}]}""")]
    [InlineData("""{"type":"a","metadata":{"n":"","n":""}}""")]
    [InlineData("""{"type":"a","id":"00000000-0000-0000-0000-000000000000"}""")]
    [InlineData("""{"type":"a","id":"x"}""")]
    [InlineData("{\"type\":\"a\",\"id\":\"" + Id + "x\"}")]
    [InlineData("""{"type":"a","id":7}""")]
    [InlineData("""{"type":"a","unknown":1}""")]
    [InlineData("""{"type":"a","metadata":{"n":1}}""")]
    [InlineData("""{"type":"a","metadata":[]}""")]
    [InlineData("""{"type":"a","metadata":{"granary.command":"x"}}""")]
    [InlineData("""{"type":"a","data":01}""")]
    [InlineData("""{"type":"a","data":/* */1}""")]
    public void What_every_reader_refuses_it_leaves(string body)
    {
        Assert.Null(Document(body));
        Assert.Null(EventJson.TryRead(Encoding.UTF8.GetBytes(body)));
    }

    [Theory]
    [InlineData("""{"type":"a","data":"\ud800"}""")]
    [InlineData("""{"type":"a","data":{"\udc00":1}}""")]
    [InlineData("""{"type":"\ud800"}""")]
    public void Half_a_character_is_refused(string body)
    {
        var expected = Assert.Throws<ApiProblem>(() => RequestBody.Parse(Encoding.UTF8.GetBytes(body)));
        var problem = Assert.Throws<ApiProblem>(() => EventJson.TryRead(Encoding.UTF8.GetBytes(body)));
        Assert.Equal((expected.Status, expected.Message), (problem.Status, problem.Message));
    }

    [Fact]
    public void Bytes_that_are_not_utf8_are_left() =>
        Assert.Null(EventJson.TryRead([.. """{"type":"a","data":" """u8, 0xFF, .. "\"}"u8]));

    [Theory]
    [InlineData(58, true)]
    [InlineData(59, true)]
    [InlineData(60, false)]
    public void Data_is_nested_as_deep_as_in_every_body(int depth, bool isRead)
    {
        var body = $$"""{"type":"a","data":{{new string('[', depth)}}{{new string(']', depth)}}}""";
        Assert.Equal(isRead, Document(body) is not null);
        Assert.Equal(isRead, EventJson.TryRead(Encoding.UTF8.GetBytes(body)) is not null);
    }

    [Fact]
    public void A_body_with_much_in_it_is_left()
    {
        var members = string.Join(',', Enumerable.Range(0, 17).Select(static at => $"\"{at}\":1"));
        Assert.Null(EventJson.TryRead(Encoding.UTF8.GetBytes("{\"type\":\"a\",\"data\":{" + members + "}}")));
        Assert.Null(EventJson.TryRead(Encoding.UTF8.GetBytes(
            "{\"type\":\"a\",\"data\":\"" + new string('x', 64 * 1024) + "\"}")));
        var many = string.Join(',', Enumerable.Repeat("""{"type":"a"}""", 101));
        Assert.Null(EventJson.TryRead(Encoding.UTF8.GetBytes($"[{many}]")));
    }

    // Most are refused then, some are other events.
    [Fact]
    public void Bodies_that_are_changed_at_random_are_read_as_every_body_is()
    {
        var bodies = new[]
        {
            """{"type":"a","data":{"n":1.5,"t":"x","l":[1,true,null,{"n":{}}]}}""",
            "{\"type\":\"ab\",\"id\":\"" + Id + "\",\"metadata\":{\"b\":\"c\",\"d\":\"e\"}}",
            """[{"type":"a","data":7},{"data":"\u00e4\\","type":"b"}]""",
        };
        const string alphabet = "{}[]:,\"\\ntabde01.-\u00e4 u";
        var read = 0;
        foreach (var body in ChangedTexts.Of(bodies, alphabet, seed: 7))
        {
            if (TryRead(body) is not { } events) continue;
            read++;
            AssertEqual(Document(body) ?? throw new InvalidOperationException($"Refused: {body}"), events);
        }

        Assert.InRange(read, 500, 15_000);
    }

    private static StreamEvent[]? TryRead(string body)
    {
        try
        {
            return EventJson.TryRead(Encoding.UTF8.GetBytes(body));
        }
        catch (ApiProblem)
        {
            return null;
        }
    }

    private static IReadOnlyList<StreamEvent>? Document(string body)
    {
        try
        {
            return EventBody.ReadWhole(Encoding.UTF8.GetBytes(body));
        }
        catch (Exception fault) when (Problems.Of(fault) is not null)
        {
            return null;
        }
    }

    private static void AssertEqual(IReadOnlyList<StreamEvent> expected, StreamEvent[] events)
    {
        Assert.Equal(expected.Count, events.Length);
        for (var at = 0; at < events.Length; at++)
        {
            Assert.Equal(expected[at].Type, events[at].Type);
            Assert.Equal(expected[at].Data, events[at].Data);
            Assert.Equal(expected[at].Id, events[at].Id);
            Assert.Equal(expected[at].Metadata, events[at].Metadata);
        }
    }
}
