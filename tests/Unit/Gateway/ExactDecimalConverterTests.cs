using System.Text.Json;
using Granary.Gateway;

namespace Granary.Tests.Unit.Gateway;

public sealed class ExactDecimalConverterTests
{
    [Theory]
    [InlineData("10.50", "10.50")]
    [InlineData("\"10.50\"", "10.50")]
    [InlineData("-0.01", "-0.01")]
    public void An_amount_is_read_exactly(string json, string amount) => Assert.Equal(amount, Read(json).ToString(
        System.Globalization.CultureInfo.InvariantCulture));

    [Theory]
    [InlineData("1.0000000000000000000000000000001")]
    [InlineData("1e2")]
    [InlineData("\"1,000\"")]
    [InlineData("\"\"")]
    [InlineData("true")]
    public void What_would_be_rounded_or_guessed_is_refused(string json) =>
        Assert.Throws<JsonException>(() => Read(json));

    private static readonly JsonSerializerOptions Options = new() { Converters = { new ExactDecimalConverter() } };

    private static decimal Read(string json) => JsonSerializer.Deserialize<decimal>(json, Options);
}
