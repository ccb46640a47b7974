using System.IO.Pipelines;
using System.Text;
using Granary.Gateway;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Granary.Tests.Unit.Gateway;

public sealed class RequestBodyTests
{
    private readonly Pipe _pipe = new(new PipeOptions(pauseWriterThreshold: 0));
    private readonly DefaultHttpContext _context = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_body_that_is_here_in_one_piece_is_read()
    {
        await _pipe.Writer.WriteAsync("whole"u8.ToArray(), Token);
        await _pipe.Writer.CompleteAsync();

        Assert.Equal("whole", await ReadAsync());
    }

    [Fact]
    public async Task A_body_that_comes_in_pieces_is_put_together()
    {
        await _pipe.Writer.WriteAsync("in "u8.ToArray(), Token);
        var read = ReadAsync();
        Assert.False(read.IsCompleted);
        await _pipe.Writer.WriteAsync("three "u8.ToArray(), Token);
        Assert.False(read.IsCompleted);
        await _pipe.Writer.WriteAsync("pieces"u8.ToArray(), Token);
        await _pipe.Writer.CompleteAsync();

        Assert.Equal("in three pieces", await read);
    }

    [Fact]
    public async Task A_body_of_nothing_is_empty()
    {
        await _pipe.Writer.CompleteAsync();

        Assert.Equal("", await ReadAsync());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task A_body_over_the_limit_is_refused_in_one_piece_and_in_more(int pieces)
    {
        var body = new byte[RequestBody.SizeMax + 3];
        var read = pieces == 1 ? null : ReadAsync();
        foreach (var piece in body.Chunk(body.Length / pieces + 1)) await _pipe.Writer.WriteAsync(piece, Token);
        await _pipe.Writer.CompleteAsync();

        var refused = await Assert.ThrowsAsync<LimitExceededException>(() => read ?? ReadAsync());
        Assert.Equal(RequestBody.SizeMax, refused.Allowed);
    }

    // A stream of HTTP/2 that its caller resets is reported as an error of the connection.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_body_whose_caller_is_gone_is_no_longer_read_and_that_is_no_fault(bool isWaitedFor)
    {
        using var aborted = new CancellationTokenSource();
        _context.RequestAborted = aborted.Token;
        var read = isWaitedFor ? ReadAsync() : null;
        await aborted.CancelAsync();
        await _pipe.Writer.CompleteAsync(new IOException("The client reset the request stream."));

        var gone = await Assert.ThrowsAsync<OperationCanceledException>(() => read ?? ReadAsync());
        Assert.Equal(aborted.Token, gone.CancellationToken);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_caller_that_is_gone_when_its_body_was_read_is_no_fault_either(bool isWhole)
    {
        _context.RequestAborted = new CancellationToken(canceled: true);
        await _pipe.Writer.WriteAsync("a body"u8.ToArray(), Token);
        if (isWhole) await _pipe.Writer.CompleteAsync();

        _context.Features.Set<IRequestBodyPipeFeature>(new Body(new ResetReader(_pipe.Reader)));
        await Assert.ThrowsAsync<OperationCanceledException>(
            async () => await RequestBody.ReadAsync(_context.Request, Token));
    }

    // It is reported before the request is aborted. Else the server drains the body, and logs an error that it cannot.
    [Fact]
    public async Task A_connection_that_is_reset_in_the_middle_of_a_body_is_aborted()
    {
        var lifetime = new Lifetime();
        _context.Features.Set<IHttpRequestLifetimeFeature>(lifetime);
        await _pipe.Writer.CompleteAsync(new ConnectionResetException("Connection reset by peer"));

        await Assert.ThrowsAnyAsync<Exception>(ReadAsync);
        Assert.True(lifetime.IsAborted);
    }

    // So the server reports it when it cuts a connection off, before the request is aborted.
    [Fact]
    public async Task A_connection_that_the_server_cuts_off_is_no_defect()
    {
        await _pipe.Writer.CompleteAsync(
            new TaskCanceledException("The request was aborted", new ConnectionAbortedException()));

        await Assert.ThrowsAsync<ApiProblem>(ReadAsync);
    }

    private async Task<string> ReadAsync()
    {
        _context.Features.Set<IRequestBodyPipeFeature>(new Body(_pipe.Reader));
        return Encoding.UTF8.GetString((await RequestBody.ReadAsync(_context.Request, Token)).Span);
    }

    private sealed class Body(PipeReader reader) : IRequestBodyPipeFeature
    {
        public PipeReader Reader => reader;
    }

    private sealed class Lifetime : IHttpRequestLifetimeFeature
    {
        public bool IsAborted { get; private set; }

        public CancellationToken RequestAborted { get; set; }

        public void Abort() => IsAborted = true;
    }

    /// <summary>The body of a stream of HTTP/2 that its caller has reset after it was read.</summary>
    private sealed class ResetReader(PipeReader reader) : PipeReader
    {
        public override void AdvanceTo(SequencePosition consumed) =>
            throw new IOException("The client reset the request stream.");

        public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => AdvanceTo(consumed);

        public override void CancelPendingRead() => reader.CancelPendingRead();

        public override void Complete(Exception? exception = null) => reader.Complete(exception);

        public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default) =>
            reader.ReadAsync(cancellationToken);

        public override bool TryRead(out ReadResult result) => reader.TryRead(out result);
    }
}
