using Granary.Storage.Postgres;
using Microsoft.Extensions.Time.Testing;
using static Granary.Tests.Conformance.Postgres.PostgresData;

namespace Granary.Tests.Conformance.Postgres;

/// <summary>Who waits for the log to grow is notified by the process that makes it grow.</summary>
public sealed class PostgresTailTests : PostgresTest
{
    // The polling comes too late for these tests.
    private const int TailPollMs = 60_000;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_commit_of_another_process_is_noticed_without_polling()
    {
        var (waiting, other) = (await OpenAsync(), await OpenAsync());
        var after = default(LogPosition);
        for (var at = 1; at <= 3; at++)
        {
            var grown = waiting.WaitAsync(after, Token).AsTask();
            await ListenerAsync(without: 0);
            await CommitAsync(other, Data.Append("a", ExpectedVersion.Any, "{}"));

            Assert.Equal(at, (await grown.WaitAsync(Patience, Token)).Value);
            after = new LogPosition(default, new(at));
        }
    }

    [Fact]
    public async Task A_listener_that_lost_its_connection_listens_again()
    {
        var (waiting, other) = (await OpenAsync(), await OpenAsync());
        var grown = waiting.WaitAsync(default, Token).AsTask();
        var lost = await ListenerAsync(without: 0);
        await Data.ExecuteAsync($"SELECT pg_terminate_backend({lost})");
        await ListenerAsync(without: lost);

        await CommitAsync(other, Data.Append("a", ExpectedVersion.Any, "{}"));

        Assert.Equal(1, (await grown.WaitAsync(Patience, Token)).Value);
    }

    [Fact(Timeout = 60_000)]
    public async Task An_error_that_is_not_expected_ends_neither_the_listening_nor_the_close()
    {
        var (time, looks) = (new FakeTimeProvider(), 0);
        var store = await OpenAsync();
        var notices = new TailNotices(store.Database, Look, time);
        notices.OnWaited();
        while (Volatile.Read(ref looks) < 2)
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        await notices.DisposeAsync();

        Task Look()
        {
            Interlocked.Increment(ref looks);
            throw new TimeoutException("Not one of Granary's.");
        }
    }

    // The server's process of the listener, when there is one.
    private async Task<int> ListenerAsync(int without)
    {
        while (true)
        {
            var found = await Data.ScalarAsync<int>(
                $"SELECT coalesce(max(pid), 0) FROM pg_stat_activity WHERE query = 'LISTEN {Data.Schema}' AND pid <> "
                + $"{without} AND state = 'idle'");
            if (found != 0) return found;
        }
    }

    private Task<PostgresEventStore> OpenAsync() => Data.OpenAsync(static options => options.TailPollMs = TailPollMs);
}
