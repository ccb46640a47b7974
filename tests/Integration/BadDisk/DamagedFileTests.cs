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
    public async Task A_byte_flipped_in_the_last_commit_of_the_WAL_leaves_the_history_before_it()
    {
        await WriteAsync(kill: true);
        var length = (int)new FileInfo(Wal).Length;
        Flip(Wal, length - 100);

        await using var silo = await SiloProcess.StartAsync(_data.Path);
        var log = await silo.Api.PagesAsync("/api/log?partition=0");
        Assert.Equal(Enumerable.Range(1, EventCount - 1), log.Select(one => one["data"]!["n"]!.GetValue<int>()));
        (await silo.Api.PostAsync("/api/streams/disk/1", Events.Numbered(1))).Is(HttpStatusCode.Created);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(40)]
    [InlineData(300_000)]
    public async Task A_byte_flipped_in_the_WAL_before_its_last_commits_stops_the_start(int at)
    {
        await WriteAsync(kill: true);
        Flip(Wal, at);
        await AssertRefusesToStartAsync($"{Wal}, the write-ahead log, is damaged");

        Flip(Wal, at);
        await using var silo = await SiloProcess.StartAsync(_data.Path);
        AssertEvents(await silo.Api.PagesAsync("/api/log"));
    }

    [Fact]
    public async Task A_file_that_is_no_database_stops_the_start_with_its_name()
    {
        await WriteAsync(kill: false);
        Flip(Database, 0);
        await AssertRefusesToStartAsync();
    }

    [Theory]
    [InlineData(5)]
    [InlineData(-40)]
    [InlineData(null)]
    public async Task A_flipped_byte_in_the_log_stops_the_start(int? fromText)
    {
        await WriteAsync(kill: false);
        var written = await File.ReadAllBytesAsync(Database, TestContext.Current.CancellationToken);

        // In an event's text, in the row before it, or in the head of the page.
        var text = written.AsSpan().IndexOf(Encoding.UTF8.GetBytes(TextOf(EventCount / 2)));
        Assert.True(text > 0);
        var at = fromText is { } distance ? text + distance : text / PageSize * PageSize;
        Flip(Database, at);
        await AssertRefusesToStartAsync();
        await AssertNothingWasLostOrAddedAsync(at);
    }

    // The answers to a read of the stream's head, of its events and of the log, to an append that expects no stream,
    // and to one that expects nothing. What does not use the damaged page is answered as before.
    [Theory]
    [InlineData("streams", 500, 500, 500, 500, 500)]
    [InlineData("sqlite_autoindex_streams_1", 500, 500, 200, 500, 500)]
    [InlineData("types", 500, 500, 500, 500, 500)]
    [InlineData("sqlite_autoindex_types_1", 200, 200, 200, 412, 500)]
    [InlineData("heads", 500, 500, 200, 500, 500)]
    [InlineData("indexed")]
    public async Task A_flipped_byte_in_a_table_or_an_index_is_reported_wherever_it_is_used(
        string table, params int[] answers)
    {
        await WriteAsync(kill: false);

        // The last bytes before the page's checksum are those of the table's first row.
        var at = RootPageOf(table) * PageSize - 8 - 3;
        Flip(Database, at);
        if (answers.Length == 0)
        {
            await AssertRefusesToStartAsync();
        }
        else
        {
            await using var silo = SiloProcess.Launch(_data.Path);
            Assert.True(await silo.IsReadyAsync(), silo.Output);
            AssertAnswer(answers[0], await silo.Api.GetAsync("/api/streams/disk/1"));
            AssertAnswer(answers[1], await silo.Api.GetAsync("/api/streams/disk/1/events?limit=1000"), ofEvents: true);
            AssertAnswer(answers[2], await silo.Api.GetAsync("/api/log?limit=1000"), ofEvents: true);
            var append = Events.One("unused type");
            AssertAnswer(answers[3], await silo.Api.PostAsync("/api/streams/disk/1", append, ("If-None-Match", "*")));
            AssertAnswer(answers[4], await silo.Api.PostAsync("/api/streams/disk/1", append));
        }

        await AssertNothingWasLostOrAddedAsync(at);
    }

    // The page that holds the table's rows, all of them: they are few.
    private long RootPageOf(string table)
    {
        using var connection = new SqliteConnection($"Data Source={Database};Pooling=False;Mode=ReadOnly");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = $"SELECT rootpage FROM sqlite_master WHERE name = '{table}'";
        return (long)command.ExecuteScalar()!;
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

    private async Task AssertRefusesToStartAsync(string? message = null)
    {
        await using var silo = SiloProcess.Launch(_data.Path);
        await silo.ExitAsync();
        Assert.Equal(1, silo.ExitCode);
        message ??= $"{Database} is damaged, or no SQLite database";
        Assert.Contains(message, silo.Output, StringComparison.Ordinal);
    }

    private static void AssertAnswer(int status, Answer answer, bool ofEvents = false)
    {
        answer.Is((HttpStatusCode)status);
        if (status == 500)
            Assert.Equal("store-damaged", answer.IsProblem(answer.Status)["code"]!.GetValue<string>());
        else if (ofEvents) AssertEvents(answer.Json["events"]!.AsArray());
    }

    private static void AssertEvents(IEnumerable<JsonNode?> events) => Assert.Equal(
        Enumerable.Range(1, EventCount).Select(static number => (number, TextOf(number))),
        events.Select(static one => (one!["data"]!["n"]!.GetValue<int>(), one["data"]!["text"]!.GetValue<string>())));

    // With the byte as it was, the file holds what it held before.
    private async Task AssertNothingWasLostOrAddedAsync(long at)
    {
        Flip(Database, at);
        await using var silo = await SiloProcess.StartAsync(_data.Path);
        AssertEvents(await silo.Api.PagesAsync("/api/streams/disk/1/events"));
        AssertEvents(await silo.Api.PagesAsync("/api/log"));
    }
}
