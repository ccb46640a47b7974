using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using CsCheck;
using Granary.Runtime;

namespace Granary.Tests.Unit.Events;

public sealed class CompiledJsonTests
{
    private static readonly JsonSerializerOptions Options = MadeReadOnly();

    private static readonly Gen<Everything> Events =
        from text in Gen.String[Gen.Char[' ', '\ud7ff'], 0, 20]
        from flag in Gen.Bool
        from small in Gen.Int
        from large in Gen.Long
        from real in Gen.Double.Where(double.IsFinite)
        from amount in Gen.Decimal
        from id in Gen.Guid
        from instant in Gen.DateTimeOffset
        select new Everything(text, flag, small, large, real, amount, id, instant);

    [Fact]
    public void What_the_serializer_writes_is_read_as_the_serializer_reads_it() => Events.Sample(one =>
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(one, Options);
        var read = Read<Everything>(json);
        return read is not null && read.Equals(JsonSerializer.Deserialize<Everything>(json, Options));
    });

    [Fact]
    public void What_is_left_to_the_serializer_or_read_is_the_same_whatever_is_done_to_the_bytes() => Gen.Select(
        Gen.Int[0, 200], Gen.Byte, Gen.Bool).Sample((at, with, cut) =>
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(new Noted("a \"note\" é", 17), Options);
        if (cut) json = json[..(at % json.Length)];
        else json[at % json.Length] = with;
        return Read<Noted>(json) is not Noted read || read == JsonSerializer.Deserialize<Noted>(json, Options);
    });

    [Theory]
    [InlineData("""{"text":"a","number":1}""", true)]
    [InlineData(""" { "text" : "a" , "number" : 1 } """, true)]
    [InlineData("""{"text":"\u0061","number":1}""", true)]
    [InlineData("""{"number":1,"text":"a"}""", false)]
    [InlineData("""{"text":"a"}""", false)]
    [InlineData("""{"text":null,"number":1}""", false)]
    [InlineData("""{"text":"a","number":"1"}""", false)]
    [InlineData("""{"text":"a","number":1.5}""", false)]
    [InlineData("""{"Text":"a","number":1}""", false)]
    [InlineData("""{"text":"a","number":1,"more":2}""", false)]
    [InlineData("""{"text":"a","number":1}{}""", false)]
    [InlineData("""{"text":"a","number":1""", false)]
    [InlineData("[]", false)]
    [InlineData("null", false)]
    [InlineData("", false)]
    public void Only_what_is_as_it_is_written_is_read(string json, bool isRead) =>
        Assert.Equal(isRead ? new Noted("a", 1) : null, Read<Noted>(Encoding.UTF8.GetBytes(json)));

    [Fact]
    public void Bytes_that_are_no_text_are_left_to_the_serializer() =>
        Assert.Null(Read<Noted>([.. "{\"text\":\""u8, 0xff, .. "\",\"number\":1}"u8]));

    [Theory]
    [InlineData(typeof(WithSetter))]
    [InlineData(typeof(WithMore))]
    [InlineData(typeof(WithNested))]
    [InlineData(typeof(WithConverter))]
    [InlineData(typeof(WithCallback))]
    [InlineData(typeof(Polymorphic))]
    [InlineData(typeof(string))]
    [InlineData(typeof(List<int>))]
    public void Other_types_are_left_to_the_serializer(Type type) =>
        Assert.Null(CompiledJson.Of(Options.GetTypeInfo(type)));

    [Fact]
    public void Where_a_converter_is_registered_all_is_left_to_the_serializer()
    {
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Web) { Converters = { new Doubling() } };
        options.MakeReadOnly(populateMissingResolver: true);

        Assert.Null(CompiledJson.Of(options.GetTypeInfo(typeof(Noted))));
    }

    [Fact]
    public void What_a_constructor_throws_is_thrown_as_it_is()
    {
        var compiled = CompiledJson.Of(Options.GetTypeInfo(typeof(Refusing)))!;
        Assert.Throws<NotSupportedException>(() => compiled.TryRead("""{"number":1}"""u8));
    }

    private static object? Read<T>(ReadOnlySpan<byte> json) =>
        CompiledJson.Of(Options.GetTypeInfo(typeof(T)))!.TryRead(json);

    private static JsonSerializerOptions MadeReadOnly()
    {
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Web) { IncludeFields = true };
        options.MakeReadOnly(populateMissingResolver: true);
        return options;
    }

    internal sealed record Everything(
        string Text, bool Flag, int Small, long Large, double Real, decimal Amount, Guid Id, DateTimeOffset Instant);

    internal sealed record Noted(string Text, long Number);

    internal sealed record Refusing
    {
        public Refusing(long number) => throw new NotSupportedException(number.ToString(CultureInfo.InvariantCulture));

        public long Number => 0;
    }

    internal sealed class WithSetter
    {
        public string? Text { get; set; }
    }

    internal sealed record WithMore(string Text)
    {
        public int More { get; set; }
    }

    internal sealed record WithNested(Noted Inner);

    internal sealed record WithConverter([property: JsonConverter(typeof(Doubling))] long Number);

    internal sealed record WithCallback(string Text) : IJsonOnDeserialized
    {
        public void OnDeserialized()
        {
        }
    }

    [JsonDerivedType(typeof(Derived), "derived")]
    internal record Polymorphic(string Text);

    internal sealed record Derived(string Text) : Polymorphic(Text);

    private sealed class Doubling : JsonConverter<long>
    {
        public override long Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.GetInt64() * 2;

        public override void Write(Utf8JsonWriter writer, long value, JsonSerializerOptions options) =>
            writer.WriteNumberValue(value / 2);
    }
}
