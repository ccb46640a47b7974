using System.Text;
using System.Text.Json;

namespace Granary.Tests.Cli;

/// <summary>The commands that show something: streams, read, tail, state, export.</summary>
public sealed class LookingTests : IAsyncLifetime
{
    private readonly StoreFolder _folder = new();
    private string _store = "";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _store = _folder.New("sqlite");
        await using var store = await StoreFolder.OpenAsync(_store);
        await AppendAsync(store, "orders/1", "placed", """{"total":100,"note":"a"}""");
        await AppendAsync(store, "orders/1", "discounted", """{"total":80}""");
        await AppendAsync(store, "orders/2", "placed", "{\"note\":\"\u009b2J\u202e\"}");
        await AppendAsync(store, "users/1", "added", """{"name":"Ada"}""");
        await AppendAsync(store, "orders/1", "noted", """{"note":null}""");
    }

    public async ValueTask DisposeAsync() => await _folder.DisposeAsync();

    [Fact]
    public async Task Streams_are_listed()
    {
        using var all = await TestIo.RunAsync(0, "streams", _store);
        using var orders = await TestIo.RunAsync(0, "streams", _store, "--category", "orders", "--json");
        using var one = await TestIo.RunAsync(0, "streams", _store, "-n", "1");

        Assert.Equal(3, Lines(all).Length);
        Assert.Matches("^ +3  2026-01-01T00:00:05.000000Z  orders/1$", Lines(all)[0]);
        Assert.Single(Lines(one));
        var found = Lines(orders).Select(static line => JsonDocument.Parse(line).RootElement).ToArray();
        Assert.Equal(
            [("orders/1", 3), ("orders/2", 1)],
            found.Select(static line =>
                (line.GetProperty("stream").GetString(), line.GetProperty("version").GetInt32())));
    }

    [Fact]
    public async Task The_events_of_a_stream_are_shown()
    {
        using var text = await TestIo.RunAsync(0, "read", "orders/1", "--store", _store, "--after", "1", "-n", "1");
        using var json = await TestIo.RunAsync(0, "read", "orders/1", "-s", _store, "--json");

        Assert.Matches(
            "^ +0:2  2026-01-01T00:00:02.000000Z +2  discounted  {\"total\":80}$", Assert.Single(Lines(text)));
        Assert.Equal(
            ["placed", "discounted", "noted"],
            Lines(json).Select(static line => EventLine.Read(Encoding.UTF8.GetBytes(line)).Type));
    }

    [Fact]
    public async Task A_terminal_gets_no_control_characters()
    {
        foreach (var arguments in (string[][])
            [["read", "orders/2", "-s", _store], ["read", "orders/2", "-s", _store, "--json"], ["export", _store],
                ["tail", _store, "--once"], ["tail", _store, "--once", "--json"]])
        {
            using var io = new TestIo(isTerminal: true);
            await io.RunAsync(arguments, ExitCodes.Done);
            Assert.DoesNotContain(io.Output, static one => char.IsControl(one) && one != '\n');
            Assert.Contains("\\u009b", io.Output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task What_is_piped_is_byte_for_byte_what_is_stored()
    {
        using var io = await TestIo.RunAsync(0, "export", _store, "--stream", "orders/2");

        var one = EventLine.Read(Encoding.UTF8.GetBytes(Assert.Single(Lines(io))));
        Assert.Equal("{\"note\":\"\u009b2J\u202e\"}", Encoding.UTF8.GetString(one.Payload.Span));
        Assert.Contains("--after 0:5", io.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_tail_is_shown()
    {
        using var last = await TestIo.RunAsync(0, "tail", _store, "--once", "-n", "2");
        using var users = await TestIo.RunAsync(0, "tail", _store, "--once", "--category", "users");

        Assert.Equal(2, Lines(last).Length);
        Assert.Contains("users/1", Assert.Single(Lines(users)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(3, "05", """{"total":80}""")]
    [InlineData(1, "01", """{"total":100,"note":"a"}""", "--version", "1")]
    [InlineData(2, "02", """{"note":"a","total":80}""", "--at", "2026-01-01T00:00:04Z")]
    public async Task A_state_is_folded_by_merge_patch(
        int version, string second, string state, params string[] further)
    {
        using var io = await TestIo.RunAsync(0, ["state", "orders/1", "-s", _store, .. further]);

        Assert.Equal(
            $"{{\"stream\":\"orders/1\",\"version\":{version},\"timestamp\":\"2026-01-01T00:00:{second}.000000Z\","
            + $"\"state\":{state}}}\n", io.Output);
    }

    [Theory]
    [InlineData(ExitCodes.Found, "no stream", "state", "orders/9")]
    [InlineData(ExitCodes.Found, "at version 3", "state", "orders/1", "--version", "4")]
    [InlineData(ExitCodes.Found, "no event at that time", "state", "orders/1", "--at", "2025-01-01T00:00:00Z")]
    [InlineData(ExitCodes.Usage, "category/key", "state", "orders")]
    [InlineData(ExitCodes.Usage, "--at", "state", "orders/1", "--at", "yesterday")]
    [InlineData(ExitCodes.Usage, "--version", "state", "orders/1", "--version", "0")]
    [InlineData(ExitCodes.Usage, "--url", "state", "orders/1", "--url", "localhost")]
    [InlineData(ExitCodes.Unavailable, "", "state", "orders/1", "--url", "http://127.0.0.1:1")]
    [InlineData(ExitCodes.Found, "no stream", "read", "orders/9")]
    public async Task What_cannot_be_shown_is_reported(int code, string message, params string[] arguments)
    {
        using var io = await TestIo.RunAsync(code, [.. arguments, "--store", _store]);

        Assert.Contains(message, io.Error, StringComparison.Ordinal);
        Assert.Equal("", io.Output);
    }

    [Fact]
    public async Task A_state_that_other_code_folds_needs_a_silo()
    {
        await using (var store = await StoreFolder.OpenAsync(_store))
            await new History(store, 1).SnapshotAsync(new("orders", "1"), 2);

        using var io = await TestIo.RunAsync(ExitCodes.Found, "state", "orders/1", "-s", _store);

        Assert.Contains("--url", io.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_export_to_a_file_is_resumed_also_where_a_line_or_an_append_was_cut()
    {
        await using (var store = await StoreFolder.OpenAsync(_store)) await new History(store, 6).WriteAsync(60);
        using var whole = await TestIo.RunAsync(0, "export", _store);
        var file = Path.Combine(_folder.Path, "export.ndjson");
        for (var cut = 0; cut < whole.Output.Length; cut += 611)
        {
            await File.WriteAllTextAsync(file, whole.Output[..cut], Token);
            using var io = await TestIo.RunAsync(0, "export", _store, "--output", file, "--resume");
            Assert.Equal(whole.Output, await File.ReadAllTextAsync(file, Token));
        }

        using var refused = await TestIo.RunAsync(ExitCodes.Unavailable, "export", _store, "--output", file);
        Assert.Equal(whole.Output, await File.ReadAllTextAsync(file, Token));
    }

    [Fact]
    public async Task The_events_of_an_append_that_was_cut_follow_each_other_in_a_resumed_export()
    {
        var address = _folder.New("sqlite");
        await using var store = await StoreFolder.OpenAsync(address, 2);
        var names = Enumerable.Range(0, 100).Select(static at => new StreamName("orders", $"{at}")).ToArray();
        var cut = names.First(static name => LogPartition.Of(name, 2).Value == 1);
        var other = names.First(static name => LogPartition.Of(name, 2).Value == 0);
        await CommitAsync(store, cut, second: 10, events: 3);
        var file = Path.Combine(_folder.Path, "export.ndjson");
        using var first = await TestIo.RunAsync(0, "export", address, "--output", file);
        var lines = await File.ReadAllLinesAsync(file, Token);
        await File.WriteAllTextAsync(file, lines[0] + "\n", Token);

        // Of an earlier time, in the other partition: it comes first in the order of times.
        await CommitAsync(store, other, second: 5, events: 1);
        using var second = await TestIo.RunAsync(0, "export", address, "--output", file, "--resume");

        Assert.Equal(lines, (await File.ReadAllLinesAsync(file, Token))[1..]);
    }

    [Fact]
    public async Task An_export_is_not_continued_with_another_store()
    {
        var file = Path.Combine(_folder.Path, "export.ndjson");
        using var first = await TestIo.RunAsync(0, "export", _store, "--output", file);
        var other = _folder.New("sqlite");
        await using (var store = await StoreFolder.OpenAsync(other)) await new History(store, 1).WriteAsync(20);

        using var io = await TestIo.RunAsync(ExitCodes.Found, "export", other, "--output", file, "--resume");

        Assert.Contains("no export of", io.Error, StringComparison.Ordinal);
    }

    private static string[] Lines(TestIo io) => io.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private static async Task CommitAsync(OpenedStore store, StreamName stream, int second, int events) =>
        await store.Events.CommitAsync(
            new Append(
                stream, ExpectedVersion.NoStream, AppendId.New(TimeProvider.System),
                [.. Enumerable.Range(0, events).Select(static _ =>
                    new NewEvent(TimeProvider.System, "noted", "{}"u8.ToArray()))]),
            new DateTimeOffset(2026, 1, 1, 0, 0, second, TimeSpan.Zero), Token);

    private static async Task AppendAsync(OpenedStore store, string stream, string type, string payload)
    {
        var end = await store.EndOfAsync(0, Token);
        await store.Events.CommitAsync(
            new Append(
                StreamName.Parse(stream), ExpectedVersion.Any, AppendId.New(TimeProvider.System),
                [new NewEvent(TimeProvider.System, type, Encoding.UTF8.GetBytes(payload))]),
            new DateTimeOffset(2026, 1, 1, 0, 0, (int)end + 1, TimeSpan.Zero), Token);
    }
}
