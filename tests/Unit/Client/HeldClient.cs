using System.Threading.Channels;
using Granary.Client;
using Granary.Contracts;

namespace Granary.Tests.Unit.Client;

/// <summary>A client whose appends are answered when the test answers them.</summary>
internal sealed class HeldClient : IGranaryClient
{
    private readonly Channel<Held> _sent = Channel.CreateUnbounded<Held>();

    /// <summary>How many appends were sent and not handed to the test yet.</summary>
    public int Unseen => _sent.Reader.Count;

    /// <summary>The next append that is sent.</summary>
    public ValueTask<Held> NextAsync() => _sent.Reader.ReadAsync(TestContext.Current.CancellationToken);

    public Task<StreamAppendAnswer> AppendAsync(
        StreamName stream, StreamAppend append, CancellationToken cancellationToken)
    {
        var held = new Held(stream, append);
        Assert.True(_sent.Writer.TryWrite(held));
        return held.Answered;
    }

    public Task<StreamHead> ReadHeadAsync(StreamName stream, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<EventPage> ReadStreamAsync(
        StreamName stream, StreamVersion from, int limit, ReadDirection direction,
        CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<StateView> ReadStateAsync(StreamName stream, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<StateView> ReadStateAsync(
        StreamName stream, StreamVersion version, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<StateView> ReadStateAsync(
        StreamName stream, DateTimeOffset instant, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<EventPage> ReadLogAsync(LogPosition after, int limit, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public IAsyncEnumerable<RecordedEvent> SubscribeAsync(
        LogStart from, LogFilter? filter, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<LogPositions> ReadEndsAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public bool IsOfAggregate(string category) => throw new NotSupportedException();

    public Task DeleteStreamAsync(StreamName stream, ExpectedVersion expected, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<TruncateAnswer> TruncateStreamAsync(
        StreamName stream, StreamVersion before, TruncateOptions? options, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<int> GetPartitionCountAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    /// <summary>An append that waits for its answer.</summary>
    internal sealed class Held(StreamName stream, StreamAppend append)
    {
        private readonly TaskCompletionSource<StreamAppendAnswer> _answer =
            new(TaskCreationOptions.RunContinuationsAsynchronously);

        public StreamName Stream => stream;

        public string Type => append.Events[0].Type;

        public Task<StreamAppendAnswer> Answered => _answer.Task;

        public void Answer(long version) => _answer.SetResult(
            new(AppendOutcome.Appended, new(version), new(version), new(new(0), new(version))));

        public void Fail(Exception error) => _answer.SetException(error);
    }
}
