using System.Text;
using System.Text.Json;
using Granary.Storage.Sqlite;

namespace Granary.Tests.Cli;

/// <summary><c>granary verify</c> on files that are damaged on purpose.</summary>
public sealed class VerifyCommandTests
{
    private const int PagesTried = 20;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Whichever_page_of_a_file_is_damaged_something_is_found()
    {
        await using var folder = new StoreFolder();
        var path = Path.Combine(folder.Path, "store.db");
        await FillAsync(path);
        var sound = await File.ReadAllBytesAsync(path, Token);
        using var before = await TestIo.RunAsync(0, "verify", path);
        Assert.Contains("nothing found", before.Output, StringComparison.Ordinal);

        var pages = sound.Length / ChecksummedFiles.PageSize;
        for (var page = 0; page < pages; page += 1 + pages / PagesTried)
        {
            var damaged = (byte[])sound.Clone();
            damaged[page * ChecksummedFiles.PageSize + 2_000] ^= 1;
            var file = Path.Combine(folder.Path, $"damaged{page}.db");
            await File.WriteAllBytesAsync(file, damaged, Token);

            using var io = await TestIo.RunAsync(ExitCodes.Found, "verify", file);

            Assert.Contains("damaged", io.Output, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("UPDATE log_0 SET version = version + 1 WHERE position = 9", "0:9")]
    [InlineData("UPDATE log_0 SET payload = x'00' WHERE position = 9", "0:9")]
    [InlineData("DELETE FROM log_0 WHERE position = 9", "0:9")]
    [InlineData("UPDATE heads SET version = version + 1", "orders/0")]
    [InlineData("UPDATE snapshots SET payload = x'00'", "snapshot: orders/0")]
    [InlineData("UPDATE snapshots SET version = version - 1", "snapshot: orders/0")]
    public async Task What_another_program_has_changed_is_found(string sql, string where)
    {
        await using var folder = new StoreFolder();
        var path = Path.Combine(folder.Path, "store.db");
        await FillAsync(path);
        var store = new SqliteEventStore(new() { Path = path });
        await using (store)
        {
            await store.InitializeAsync(Token);
            await store.Writer.WriteAsync(session => session.Execute(sql), Token);
        }

        using var io = await TestIo.RunAsync(ExitCodes.Found, "verify", path);
        using var json = await TestIo.RunAsync(ExitCodes.Found, "verify", path, "--json");

        Assert.Contains(where, io.Output, StringComparison.Ordinal);
        var lines = json.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(static line => JsonDocument.Parse(line).RootElement).ToArray();
        Assert.Equal(lines.Length - 1, lines[^1].GetProperty("findings").GetInt32());
        Assert.All(lines[..^1], static one => Assert.True(one.TryGetProperty("message", out _)));
    }

    [Fact]
    public async Task A_file_that_is_no_store_is_reported()
    {
        await using var folder = new StoreFolder();
        var path = Path.Combine(folder.Path, "text.db");
        await File.WriteAllTextAsync(path, "This is no store.", Token);

        using var io = await TestIo.RunAsync(ExitCodes.Found, "verify", path);

        Assert.Contains("no SQLite database", io.Output + io.Error, StringComparison.Ordinal);
    }

    private static async Task FillAsync(string path)
    {
        await using var store = await StoreFolder.OpenAsync(path);
        var memory = await Stores.InMemoryAsync(1);
        var history = new History(memory, 1, streams: 3);
        await history.WriteAsync(600);
        await history.WriteAsync(300, clears: false);
        await history.SnapshotAsync(new("orders", "0"), 5);
        var job = new CopyJob(memory, store, new(TimeProvider.System, 1), TimeProvider.System);
        await new StoreCopy(job).RunAsync(Token);
        await store.Events.CommitAsync(
            new Append(
                new("orders", "0"), ExpectedVersion.Any, AppendId.New(TimeProvider.System),
                [new NewEvent(TimeProvider.System, "placed", Encoding.UTF8.GetBytes("{}"))]),
            TimeProvider.System.GetUtcNow(), Token);
    }
}
