using System.Buffers.Binary;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Data.Sqlite;

namespace Granary.Tests.Integration;

/// <summary>What a disk can do to the file of a silo that is not running.</summary>
public sealed class DamagedFileTests : IDisposable
{
    private const int EventCount = 60;
    private const int PageSize = 8_192;

    private readonly TempFolder _data = new();

    private string Database => Path.Combine(_data.Path, "granary.db");

    private string Wal => Database + "-wal";

    [Theory]
    [InlineData(0.3)]
    [InlineData(0.7)]
    [InlineData(0.99)]
    public async Task A_truncated_WAL_leaves_a_history_without_gaps_that_continues(double kept)
    {
        await WriteAsync(kill: true);
        var written = await File.ReadAllBytesAsync(Wal, TestContext.Current.CancellationToken);
        var length = (int)(written.Length * kept) | 1;
        using (var wal = new FileStream(Wal, FileMode.Open)) wal.SetLength(length);

        await using var silo = await SiloProcess.StartAsync(_data.Path);
        var log = await silo.Api.PagesAsync("/api/log?partition=0");
        Assert.Equal(EventsIn(written, length), log.Count);
        Assert.Equal(Enumerable.Range(1, log.Count), log.Select(one => (int)one["position"]!.GetValue<long>()));
        Assert.Equal(Enumerable.Range(1, log.Count), log.Select(one => one["data"]!["n"]!.GetValue<int>()));

        var answer = await silo.Api.PostAsync("/api/streams/disk/1", Events.Numbered(1), ("If-Match",
            $"\"{log.Count}\""));
        answer.Is(HttpStatusCode.Created);
        Assert.Equal(log.Count + 1, answer.Json["position"]!.GetValue<long>());
    }

    [Fact]
    public async Task A_byte_flipped_in_the_WAL_cuts_the_history_there_and_nowhere_else()
    {
        await WriteAsync(kill: true);
        var written = await File.ReadAllBytesAsync(Wal, TestContext.Current.CancellationToken);
        var flipped = written.Length * 2 / 3;
        Flip(Wal, flipped);

        await using var silo = await SiloProcess.StartAsync(_data.Path);
        var log = await silo.Api.PagesAsync("/api/log?partition=0");
        Assert.Equal(EventsIn(written, flipped), log.Count);
        Assert.Equal(Enumerable.Range(1, log.Count), log.Select(one => one["data"]!["n"]!.GetValue<int>()));
        (await silo.Api.PostAsync("/api/streams/disk/1", Events.Numbered(1))).Is(HttpStatusCode.Created);
    }

    [Fact]
    public async Task A_file_that_is_no_database_stops_the_start_with_its_name()
    {
        await WriteAsync(kill: false);
        Flip(Database, 0);
        await AssertRefusesToStartAsync();
    }

    [Fact]
    public async Task A_flipped_byte_is_never_served_as_if_it_were_an_event()
    {
        await WriteAsync(kill: false);
        var written = await File.ReadAllBytesAsync(Database, TestContext.Current.CancellationToken);
        // The bytes around an event's text: its row, its neighbours, the head of its page.
        var text = written.AsSpan().IndexOf(Encoding.UTF8.GetBytes(TextOf(EventCount / 2)));
        Assert.True(text > 0);
        foreach (var at in (int[])[text + 5, text - 40, text / PageSize * PageSize])
        {
            await File.WriteAllBytesAsync(Database, written, TestContext.Current.CancellationToken);
            Flip(Database, at);
            await AssertTruthOrErrorAsync(at);
        }
    }

    [Theory]
    [InlineData("streams")]
    [InlineData("sqlite_autoindex_streams_1")]
    [InlineData("types")]
    [InlineData("sqlite_autoindex_types_1")]
    [InlineData("heads")]
    [InlineData("indexed")]
    public async Task A_flipped_byte_in_a_table_or_an_index_begins_no_second_history(string table)
    {
        await WriteAsync(kill: false);
        using (var connection = new SqliteConnection($"Data Source={Database};Pooling=False;Mode=ReadOnly"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = $"SELECT rootpage FROM sqlite_master WHERE name = '{table}'";
            var page = (long)command.ExecuteScalar()!;

            // The last bytes before the page's checksum are those of the table's first row.
            connection.Close();
            Flip(Database, page * PageSize - 8 - 3);
        }

        await using (var silo = SiloProcess.Launch(_data.Path))
        {
            if (await silo.IsReadyAsync())
            {
                var answer = await silo.Api.PostAsync(
                    "/api/streams/disk/1", Events.Numbered(1), ("If-None-Match", "*"));
                answer.IsProblem(answer.Status);
                var read = await silo.Api.GetAsync("/api/streams/disk/1/events");
                Assert.NotEqual(HttpStatusCode.NotFound, read.Status);
            }
        }

        await AssertTruthOrErrorAsync((int)new FileInfo(Database).Length);
    }

    public void Dispose() => _data.Dispose();

    // How many events the first bytes of a WAL hold, where each was committed alone. By SQLite's file format: a header
    // of 32 bytes with the page size at 8, then frames of 24 bytes and a page; the frame that ends a commit has the
    // size of the database at 4, the others 0.
    private static int EventsIn(byte[] wal, int length)
    {
        var frame = 24 + BinaryPrimitives.ReadInt32BigEndian(wal.AsSpan(8));
        int Commits(int bytes) => Enumerable.Range(0, (bytes - 32) / frame)
            .Count(at => BinaryPrimitives.ReadInt32BigEndian(wal.AsSpan(32 + at * frame + 4)) != 0);
        var events = EventCount - (Commits(wal.Length) - Commits(length));
        Assert.InRange(events, 1, EventCount - 1);
        return events;
    }

    private static string TextOf(int number) => $"event number {number} of a file that will be damaged";

    private static void Flip(string file, long at)
    {
        using var stream = new FileStream(file, FileMode.Open);
        stream.Position = at;
        var value = stream.ReadByte();
        stream.Position = at;
        stream.WriteByte((byte)(value ^ 0x10));
    }

    private async Task WriteAsync(bool kill)
    {
        await using var silo = await SiloProcess.StartAsync(_data.Path);
        for (var number = 1; number <= EventCount; number++)
        {
            var data = new JsonObject { ["n"] = number, ["text"] = TextOf(number) };
            (await silo.Api.PostAsync("/api/streams/disk/1", Events.One("written", data))).Is(HttpStatusCode.Created);
        }

        if (kill) await silo.KillAsync();
        else await silo.StopAsync();
    }

    private async Task AssertRefusesToStartAsync()
    {
        await using var silo = SiloProcess.Launch(_data.Path);
        await silo.ExitAsync();
        Assert.NotEqual(0, silo.ExitCode);
        Assert.Contains("granary.db", silo.Output, StringComparison.Ordinal);
    }

    // Whatever was hit: the silo may refuse to start, or to read; what it does answer is what was written.
    private async Task AssertTruthOrErrorAsync(int at)
    {
        await using var silo = SiloProcess.Launch(_data.Path);
        if (!await silo.IsReadyAsync())
        {
            Assert.Contains("granary.db", silo.Output, StringComparison.Ordinal);
            return;
        }

        var answer = await silo.Api.GetAsync("/api/streams/disk/1/events?limit=1000");
        if (answer.Status != HttpStatusCode.OK)
        {
            answer.IsProblem(answer.Status);
            return;
        }

        var events = answer.Json["events"]!.AsArray();
        Assert.Equal(EventCount, events.Count);
        for (var number = 1; number <= EventCount; number++)
        {
            var data = events[number - 1]!["data"]!;
            Assert.True(
                data["n"]!.GetValue<int>() == number && data["text"]!.GetValue<string>() == TextOf(number),
                $"With byte {at} flipped, event {number} was served as {data.ToJsonString()}");
        }
    }
}
