using System.Text.Json;

namespace Granary.Tests.Cli;

/// <summary><c>granary copy</c> on files and on a server.</summary>
public sealed class CopyCommandTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("sqlite", 1, "sqlite", null, 1)]
    [InlineData("sqlite", 3, "sqlite", null, 3)]
    [InlineData("sqlite", 1, "sqlite", 4, 4)]
    [InlineData("sqlite", 4, "sqlite", 1, 1)]
    [InlineData("sqlite", 1, "postgres", null, 1)]
    [InlineData("sqlite", 1, "postgres", 4, 4)]
    [InlineData("postgres", 4, "sqlite", null, 4)]
    [InlineData("postgres", 4, "sqlite", 1, 1)]
    [InlineData("sqlite", 1, "azure", null, 1)]
    [InlineData("azure", 3, "sqlite", 1, 1)]
    [InlineData("azure", 2, "azure", 4, 4)]
    public async Task A_store_is_copied_to_a_new_one(string from, int partitions, string to, int? wanted, int expected)
    {
        SkipWithout(from, to);
        await using var folder = new StoreFolder();
        var (source, target) = (folder.New(from), folder.New(to));
        var stream = new StreamName("orders", "1");
        await using (var store = await StoreFolder.OpenAsync(source, partitions))
        {
            var history = new History(store, 1);
            await history.WriteAsync(300);
            await history.WriteAsync(200, clears: false);
            await history.SnapshotAsync(stream, 4);
            await history.SnapshotAsync(stream, 5);
            await history.SnapshotAsync(stream, 7);
            await history.TruncateAsync(stream, 4);
        }

        string[] arguments = ["copy", "--from", source, "--to", target];
        if (wanted is { } count) arguments = [.. arguments, "--partitions", $"{count}"];
        using var io = await TestIo.RunAsync(0, arguments);

        Assert.Contains("Complete: ", io.Output, StringComparison.Ordinal);
        await AssertCopyAsync(source, target, expected);
        await using var here = await StoreFolder.OpenAsync(target);
        Assert.Equal(
            7, (await here.Snapshots.ReadSnapshotAsync(stream, new(100), null, Token))!.Version.Value);
        using var verified = await TestIo.RunAsync(0, "verify", target);
    }

    [Theory]
    [InlineData("sqlite", 2, "sqlite", 2)]
    [InlineData("sqlite", 2, "postgres", 3)]
    [InlineData("postgres", 3, "sqlite", 1)]
    [InlineData("sqlite", 2, "azure", 3)]
    public async Task A_store_is_copied_while_it_is_written(string from, int partitions, string to, int wanted)
    {
        SkipWithout(from, to);
        await using var folder = new StoreFolder();
        var (source, target) = (folder.New(from), folder.New(to));
        await using var store = await StoreFolder.OpenAsync(source, partitions);
        var history = new History(store, 2);
        await history.WriteAsync(200);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        using var io = new TestIo();
        await using (var there = await StoreFolder.OpenAsync(source))
        await using (var here = await StoreFolder.OpenAsync(target, wanted))
        {
            var caughtUp = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var job = new CopyJob(there, here, new(TimeProvider.System, partitions), TimeProvider.System);
            var copying = new StoreCopy(job).FollowAsync(caughtUp.SetResult, stop.Token);
            var writing = Task.Run(() => history.WriteAsync(300), Token);
            await Task.WhenAny(caughtUp.Task, copying);
            await writing;
            await stop.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => copying);
        }

        using var rest = await TestIo.RunAsync(0, "copy", "--from", source, "--to", target);
        await AssertCopyAsync(source, target, wanted, sameTimes: partitions == wanted);
    }

    [Fact]
    public async Task Two_copies_at_once_make_one_copy()
    {
        await using var folder = new StoreFolder();
        var (source, target) = (folder.New("sqlite"), folder.New("sqlite"));
        await using (var store = await StoreFolder.OpenAsync(source, 2)) await new History(store, 3).WriteAsync(1_000);
        var copies = Enumerable.Range(0, 2).Select(_ => Task.Run(
            async () => await TestIo.RunAsync(0, "copy", "--from", source, "--to", target), Token)).ToArray();
        foreach (var copy in copies) (await copy).Dispose();

        await AssertCopyAsync(source, target, 2);
    }

    [Fact]
    public async Task Two_copies_at_once_to_another_number_of_partitions_make_one_copy()
    {
        await using var folder = new StoreFolder();
        var (source, target) = (folder.New("sqlite"), folder.New("sqlite"));
        await using (var store = await StoreFolder.OpenAsync(source, 2)) await new History(store, 3).WriteAsync(1_000);
        string[] arguments = ["copy", "--from", source, "--to", target, "--partitions", "3"];

        // One may find that the other one continues it: then it says so.
        var copies = Enumerable.Range(0, 2).Select(_ => Task.Run(
            async () =>
            {
                using var io = new TestIo();
                var code = await GranaryCommand.RunAsync(arguments, io.Io, Token);
                Assert.True(code == 0 || io.Error.Contains("Another copy", StringComparison.Ordinal), io.Error);
            },
            Token));
        await Task.WhenAll(copies);

        using var rest = await TestIo.RunAsync(0, arguments);
        await AssertCopyAsync(source, target, 3);
    }

    [Fact]
    public async Task What_is_done_is_reported_as_JSON()
    {
        await using var folder = new StoreFolder();
        var (source, target) = (folder.New("sqlite"), folder.New("sqlite"));
        await using (var store = await StoreFolder.OpenAsync(source)) await new History(store, 1).WriteAsync(50);

        using var io = await TestIo.RunAsync(0, "copy", "--from", source, "--to", target, "--json");

        using var report = JsonDocument.Parse(io.Output);
        Assert.Equal("complete", report.RootElement.GetProperty("status").GetString());
        Assert.Equal(
            report.RootElement.GetProperty("total").GetInt64(), report.RootElement.GetProperty("copied").GetInt64());
        Assert.Equal("", io.Error);
    }

    [Fact]
    public async Task The_environment_names_the_stores()
    {
        await using var folder = new StoreFolder();
        var (source, target) = (folder.New("sqlite"), folder.New("sqlite"));
        await using (var store = await StoreFolder.OpenAsync(source)) await new History(store, 1).WriteAsync(50);

        using var io = new TestIo(variables: [("GRANARY_FROM", source), ("GRANARY_TO", target)]);
        await io.RunAsync(["copy"], ExitCodes.Done);

        await AssertCopyAsync(source, target, 1);
    }

    [Theory]
    [InlineData(ExitCodes.Usage, "No store is named", "copy")]
    [InlineData(ExitCodes.Usage, "the same", "copy", "--from", "a.db", "--to", "a.db")]
    [InlineData(ExitCodes.Unavailable, "There is no store: no/a.db", "copy", "--from", "no/a.db", "--to", "b")]
    [InlineData(ExitCodes.Usage, "A store in a storage account",
        "copy", "--from", "azure:AccountKey=secret", "--to", "b")]
    [InlineData(ExitCodes.Usage, "A store in a storage account",
        "copy", "--from", "https://user:secret@a.table.core.windows.net/granary", "--to", "b")]
    [InlineData(ExitCodes.Usage, "", "copy", "--form", "a.db")]
    public async Task What_cannot_be_done_is_reported(int code, string message, params string[] arguments)
    {
        using var io = await TestIo.RunAsync(code, arguments);

        Assert.Contains(message, io.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", io.Error, StringComparison.Ordinal);
        Assert.Equal("", io.Output);
        Assert.False(File.Exists("b"));
    }

    private static async Task AssertCopyAsync(string source, string target, int partitions, bool sameTimes = true)
    {
        await using var there = await StoreFolder.OpenAsync(source);
        await using var here = await StoreFolder.OpenAsync(target);
        Assert.Equal(partitions, here.Description.PartitionCount);
        await Stores.AssertCopyAsync(there, here, sameTimes);
    }

    private static void SkipWithout(string from, string to)
    {
        if (from == "postgres" || to == "postgres")
            Assert.SkipWhen(PostgresServer.SkipReason is not null, PostgresServer.SkipReason ?? "");
        if (from == "azure" || to == "azure")
            Assert.SkipWhen(AzuriteServer.SkipReason is not null, AzuriteServer.SkipReason ?? "");
    }
}
