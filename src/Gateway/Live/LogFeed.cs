using Granary.Client;

namespace Granary.Gateway;

/// <summary>The log, from positions on. An id is the positions that were read, as in <c>0:152,1:88</c>.</summary>
internal sealed class LogFeed(ILogSource source, LogPositions start, LogFilter filter, TimeProvider time) : ILiveFeed
{
    private readonly LogFollower _follower = new(source, start, filter, time);

    public string Id => _follower.Positions.ToString();

    public string IdOf(RecordedEvent recorded) => _follower.Positions.With(recorded.Position).ToString();

    public IAsyncEnumerable<RecordedEvent> ReadAsync(CancellationToken cancellationToken) =>
        _follower.FollowAsync(cancellationToken);
}
