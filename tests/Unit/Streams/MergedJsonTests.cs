using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Granary.Grains;

namespace Granary.Tests.Unit.Streams;

public sealed class MergedJsonTests
{
    private static readonly JsonSerializerOptions Readable = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    [Theory]
    [InlineData("""{"a":"b"}""", """{"a":"c"}""", """{"a":"c"}""")]
    [InlineData("""{"a":"b"}""", """{"b":"c"}""", """{"a":"b","b":"c"}""")]
    [InlineData("""{"a":"b"}""", """{"a":null}""", "{}")]
    [InlineData("""{"a":"b","b":"c"}""", """{"a":null}""", """{"b":"c"}""")]
    [InlineData("""{"a":["b"]}""", """{"a":"c"}""", """{"a":"c"}""")]
    [InlineData("""{"a":"c"}""", """{"a":["b"]}""", """{"a":["b"]}""")]
    [InlineData("""{"a":{"b":"c"}}""", """{"a":{"b":"d","c":null}}""", """{"a":{"b":"d"}}""")]
    [InlineData("""{"a":[{"b":"c"}]}""", """{"a":[1]}""", """{"a":[1]}""")]
    [InlineData("""["a","b"]""", """["c","d"]""", """["c","d"]""")]
    [InlineData("""{"a":"b"}""", """["c"]""", """["c"]""")]
    [InlineData("""{"a":"foo"}""", "null", "null")]
    [InlineData("""{"a":"foo"}""", "\"bar\"", "\"bar\"")]
    [InlineData("""{"e":null}""", """{"a":1}""", """{"e":null,"a":1}""")]
    [InlineData("[1,2]", """{"a":"b","c":null}""", """{"a":"b"}""")]
    [InlineData("{}", """{"a":{"bb":{"ccc":null}}}""", """{"a":{"bb":{}}}""")]
    public void It_does_as_the_examples_of_RFC_7396(string target, string patch, string result) =>
        Assert.Equal(result, Patched(target, patch));

    [Theory]
    [InlineData("""{"a":1,"b":2}""", """{"a":3}""", """{"b":2,"a":3}""")]
    [InlineData("{}", """{"n":1.50,"e":1E+400,"z":-0}""", """{"n":1.50,"e":1E+400,"z":-0}""")]
    [InlineData("{}", """ { "t" : "\u00e4\u0022\/\n" , "\u0061" : [ 1 , { "b" : "\u0062" } ] } """,
        """{"t":"ä\"/\n","a":[1,{"b":"b"}]}""")]
    [InlineData("""{"a":1}""", """{"\u0061":2}""", """{"a":2}""")]
    [InlineData("{}", """{"a":[{"x":null,"x":1}]}""", """{"a":[{"x":null,"x":1}]}""")]
    public void Digits_and_text_stay_and_what_was_set_last_is_last(string target, string patch, string result) =>
        Assert.Equal(result, Patched(target, patch));

    [Theory]
    [InlineData("""{"a":1,"a":2}""", typeof(ArgumentException))]
    [InlineData("""{"a":1,"\u0061":2}""", typeof(ArgumentException))]
    [InlineData("""{"x":{"a":null,"a":2}}""", typeof(ArgumentException))]
    [InlineData("""{"1":1,"2":1,"3":1,"4":1,"5":1,"6":1,"7":1,"8":1,"9":1,"10":1,"1":2}""", typeof(ArgumentException))]
    [InlineData("""{"\ud800":1}""", typeof(InvalidOperationException))]
    public void A_name_that_comes_twice_or_is_no_text_is_refused(string patch, Type fault)
    {
        Assert.Throws(fault, () => Patched("{}", patch));
        Assert.Throws(fault, () => MergePatch.Apply(null, JsonNode.Parse(patch)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("{}}")]
    [InlineData("""{"a":}""")]
    [InlineData("""{"a":[1,]}""")]
    [InlineData("1 2")]
    public void What_is_not_json_is_refused(string patch) =>
        Assert.ThrowsAny<JsonException>(() => Patched("{}", patch));

    [Fact]
    public void Patches_at_random_do_as_the_same_on_nodes_of_json()
    {
        var random = new Random(11);
        for (var run = 0; run < 300; run++)
        {
            var merged = MergedJson.Parse("null"u8);
            JsonNode? node = null;
            for (var patches = 0; patches < 30; patches++)
            {
                var patch = Encoding.UTF8.GetBytes(Patch(random, 0));
                merged.Apply(patch);
                node = MergePatch.Apply(node, JsonNode.Parse(patch));
                Assert.Equal(node?.ToJsonString(Readable) ?? "null", Text(merged));
            }
        }
    }

    [Fact]
    public void Many_members_are_found_by_their_names()
    {
        var merged = MergedJson.Parse("{}"u8);
        for (var at = 0; at < 100; at++) merged.Apply(Encoding.UTF8.GetBytes($$"""{"m{{at % 50}}":{{at}}}"""));
        var node = JsonNode.Parse(Text(merged))!.AsObject();
        Assert.Equal(Enumerable.Range(0, 50).Select(static at => ($"m{at}", at + 50)),
            node.Select(static one => (one.Key, (int)one.Value!)));
    }

    // Some states grow over what is compared one by one, and shrink again.
    [Fact]
    public void Many_members_that_are_set_and_removed_at_random_do_as_the_same_on_nodes_of_json()
    {
        var random = new Random(13);
        for (var run = 0; run < 50; run++)
        {
            var (merged, node) = (MergedJson.Parse("{}"u8), (JsonNode?)new JsonObject());
            var removed = random.Next(1, 10);
            for (var patches = 0; patches < 300; patches++)
            {
                if (patches % 100 == 0) removed = 10 - removed;
                var names = Enumerable.Range(0, random.Next(1, 6)).Select(_ => random.Next(80)).Distinct();
                var patch = Encoding.UTF8.GetBytes("{" + string.Join(',', names.Select(
                    name => $"\"m{name}\":{(random.Next(10) < removed ? "null" : patches)}")) + "}");
                merged.Apply(patch);
                node = MergePatch.Apply(node, JsonNode.Parse(patch));
                Assert.Equal(node!.ToJsonString(Readable), Text(merged));
            }
        }
    }

    // Each would take minutes where the members after the one that is set were moved.
    [Theory(Timeout = 60_000)]
    [InlineData("1")]
    [InlineData("null")]
    public Task Among_many_members_one_is_set_or_removed_without_moving_the_others(string value) => Task.Run(
        () =>
        {
            const int count = 100_000;
            var members = string.Join(',', Enumerable.Range(0, count).Select(static at => $"\"m{at}\":0"));
            var merged = MergedJson.Parse(Encoding.UTF8.GetBytes("{" + members + "}"));
            for (var at = 0; at < count; at++)
            {
                TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
                merged.Apply(Encoding.UTF8.GetBytes($$"""{"m{{at}}":{{value}}}"""));
            }

            var node = JsonNode.Parse(Text(merged))!.AsObject();
            Assert.Equal(value == "null" ? 0 : count, node.Count);
            Assert.All(node, one => Assert.Equal(value, one.Value!.ToJsonString()));
        },
        TestContext.Current.CancellationToken);

    [Fact]
    public void A_small_member_does_not_keep_the_memory_of_a_large_event()
    {
        var merged = MergedJson.Parse("{}"u8);
        var patch = ApplyLarge(merged);
        GC.Collect();
        Assert.False(patch.TryGetTarget(out _));
        Assert.Equal("""{"small":7}""", Text(merged));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference<byte[]> ApplyLarge(MergedJson merged)
    {
        var patch = Encoding.UTF8.GetBytes($$"""{"small":7,"large":"{{new string('x', 10_000)}}"}""");
        merged.Apply(patch);
        merged.Apply("""{"large":null}"""u8.ToArray());
        return new WeakReference<byte[]>(patch);
    }

    private static string Patched(string target, string patch)
    {
        var merged = MergedJson.Parse(Encoding.UTF8.GetBytes(target));
        merged.Apply(Encoding.UTF8.GetBytes(patch));
        return Text(merged);
    }

    private static string Text(MergedJson merged)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = Readable.Encoder }))
            merged.WriteTo(writer);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static string Patch(Random random, int depth) => random.Next(depth == 0 ? 12 : 8) switch
    {
        0 => "null",
        1 => "\"\\u00e4 \\\" " + random.Next(9) + "\"",
        2 => random.Next(100) + ".50",
        _ when depth > 2 => "true",
        3 => "[ " + Patch(random, depth + 1) + " , {\"n\":null} ]",
        _ => "{" + string.Join(',', new[] { "a", "b", "c", "\\u0064" }.Where(_ => random.Next(2) == 0)
            .Select(name => $"\"{name}\" : {Patch(random, depth + 1)}")) + "}",
    };
}
