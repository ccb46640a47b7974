namespace Granary.Tests.Cli;

/// <summary>How the command ends as a process.</summary>
public sealed class ProcessTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Ctrl_C_ends_it_with_130()
    {
        await using var folder = new StoreFolder();
        await FillAsync(folder, 10);
        await using var tail = ChildProcess.Start("Granary.Cli.dll", ["tail", "store.db"], folder.Path);
        await tail.LineAsync(static line => line.Contains("orders/", StringComparison.Ordinal), Token);

        await tail.InterruptAsync(Token);

        Assert.Equal(ExitCodes.Stopped, tail.ExitCode);
        Assert.DoesNotContain("   at ", tail.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ctrl_C_ends_a_copy_that_follows_and_leaves_no_checkpoint()
    {
        await using var folder = new StoreFolder();
        await FillAsync(folder, 300);
        await using var copy = ChildProcess.Start(
            "Granary.Cli.dll", ["copy", "--from", "store.db", "--to", "to.db", "--partitions", "2", "--follow"],
            folder.Path);
        await copy.LineAsync(static line => line.StartsWith("Caught up", StringComparison.Ordinal), Token);

        await copy.InterruptAsync(Token);

        Assert.Equal(ExitCodes.Stopped, copy.ExitCode);
        await using var there = await StoreFolder.OpenAsync(Path.Combine(folder.Path, "store.db"));
        await using var here = await StoreFolder.OpenAsync(Path.Combine(folder.Path, "to.db"));
        await Stores.AssertCopyAsync(there, here);
    }

    [Theory]
    [InlineData("export store.db")]
    [InlineData("read orders/1 --store store.db")]
    public async Task A_reader_that_has_enough_ends_it(string command)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There is no bash.");
        await using var folder = new StoreFolder();
        await FillAsync(folder, 3_000);
        var assembly = Path.Combine(AppContext.BaseDirectory, "Granary.Cli.dll");
        await using var shell = ChildProcess.Run(
            ["bash", "-c", $"dotnet exec '{assembly}' {command} | head -n 1; echo \"ended ${{PIPESTATUS[0]}}\""],
            folder.Path, []);

        await shell.ExitAsync(Token);

        Assert.Contains("ended 0", shell.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", shell.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Output_into_a_file_that_others_write_too_follows_theirs()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There is no bash.");
        await using var folder = new StoreFolder();
        await FillAsync(folder, 3);
        var assembly = Path.Combine(AppContext.BaseDirectory, "Granary.Cli.dll");
        await using var shell = ChildProcess.Run(
            ["bash", "-c", $"(echo before; dotnet exec '{assembly}' verify store.db; echo after) >shared 2>&1"],
            folder.Path, []);

        await shell.ExitAsync(Token);

        var lines = await File.ReadAllLinesAsync(Path.Combine(folder.Path, "shared"), Token);
        Assert.Equal(("before", "after"), (lines[0], lines[^1]));
        Assert.Contains("nothing found", lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_help_has_the_commands_and_the_exit_codes()
    {
        using var io = await TestIo.RunAsync(0, "--help");

        Assert.Contains(ExitCodes.Help[..40], io.Output, StringComparison.Ordinal);
        Assert.Contains("  granary [command] [options]", io.Output, StringComparison.Ordinal);
        foreach (var command in (string[])
            ["copy", "verify", "export", "import", "backup", "streams", "read", "tail", "state", "delete", "truncate"])
        {
            using var help = await TestIo.RunAsync(0, command, "--help");
            Assert.Contains($"  {command}", io.Output, StringComparison.Ordinal);
            Assert.DoesNotContain("9223372036854775807", help.Output, StringComparison.Ordinal);
        }
    }

    private static async Task FillAsync(StoreFolder folder, int appends)
    {
        await using var store = await StoreFolder.OpenAsync(Path.Combine(folder.Path, "store.db"));
        var memory = await Stores.InMemoryAsync(1);
        await new History(memory, 1, streams: 2).WriteAsync(appends, clears: false);
        var job = new CopyJob(memory, store, new(TimeProvider.System, 1), TimeProvider.System);
        await new StoreCopy(job).RunAsync(Token);
    }
}
