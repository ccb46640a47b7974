using System.Text;
using System.Text.Json;
using Granary.Contracts;
using Granary.Gateway;
using Microsoft.AspNetCore.Http;

namespace Granary.Tests.Unit.Gateway;

public sealed class AppendAnswerTests
{
    [Theory]
    [InlineData("orders", "7", AppendOutcome.Appended)]
    [InlineData("ä\u2028", "a/\"b\"\\<\u0001>", AppendOutcome.AlreadyAppended)]
    public async Task It_is_written_as_the_serializer_writes_it(string category, string key, AppendOutcome outcome)
    {
        var stream = new StreamName(category, key);
        var answer = Answer(outcome, 3, 7);
        var (context, body) = (new DefaultHttpContext(), new MemoryStream());
        context.Response.Body = body;
        using (var written = AppendAnswer.Write(stream, answer)) await written.SendAsync(context.Response);
        var expected = JsonSerializer.SerializeToUtf8Bytes(
            AppendResponse.Of(stream, answer), GatewayJson.Shared.AppendResponse);
        Assert.Equal(Encoding.UTF8.GetString(expected), Encoding.UTF8.GetString(body.ToArray()));
        Assert.Equal(expected.Length, context.Response.ContentLength);
        Assert.Equal("\"7-42\"", context.Response.Headers.ETag);
        Assert.Equal("0:42", context.Response.Headers["Granary-Position"]);
        Assert.Equal("application/json; charset=utf-8", context.Response.ContentType);
        Assert.Equal(outcome == AppendOutcome.Appended ? 201 : 200, context.Response.StatusCode);
    }

    [Fact]
    public void Two_answers_at_the_same_time_have_memory_of_their_own()
    {
        var stream = StreamName.Parse("orders/7");
        using var first = AppendAnswer.Write(stream, Answer(AppendOutcome.Appended, 1, 1));
        using var second = AppendAnswer.Write(stream, Answer(AppendOutcome.Appended, 2, 2));
        Assert.Contains("\"version\":1,", Encoding.UTF8.GetString(first.Bytes.Span));
        Assert.Contains("\"version\":2,", Encoding.UTF8.GetString(second.Bytes.Span));
    }

    [Fact]
    public void Memory_is_used_again_after_an_answer()
    {
        var stream = StreamName.Parse("orders/7");
        var first = AppendAnswer.Write(stream, Answer(AppendOutcome.Appended, 1, 1));
        first.Dispose();
        using var second = AppendAnswer.Write(stream, Answer(AppendOutcome.Appended, 2, 2));
        Assert.Same(first, second);
        Assert.StartsWith("{\"stream\"", Encoding.UTF8.GetString(second.Bytes.Span));
    }

    private static StreamAppendAnswer Answer(AppendOutcome outcome, long first, long version) => new(
        outcome, new(first), new(version), new LogPosition(new LogPartition(0), new GlobalPosition(42)));
}
