using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Data.Sqlite;

namespace Granary.Tests.Integration;

public sealed class FullDiskTests
{
    private const int SmallKibibytes = 4 * 1024;
    private const int LargeKibibytes = 64 * 1024;
    private const int AppendsMax = 1000;

    private static readonly string Text = new('x', 20_000);

    [Fact]
    public async Task A_full_disk_is_503_loses_nothing_and_recovers_when_there_is_space()
    {
        using var disk = SmallDisk.Mount(SmallKibibytes);
        await using var silo = await SiloProcess.StartAsync(disk.Path);
        var acknowledged = await FillAsync(silo.Api);

        await AssertHoldsAsync(silo.Api, acknowledged);
        disk.Grow(LargeKibibytes);
        (await AppendAsync(silo.Api, acknowledged + 1)).Is(HttpStatusCode.Created);
        await AssertHoldsAsync(silo.Api, acknowledged + 1);
    }

    [Fact]
    public async Task A_silo_killed_on_a_full_disk_has_every_acknowledged_event_when_there_is_space()
    {
        using var disk = SmallDisk.Mount(SmallKibibytes);
        int acknowledged;
        await using (var silo = await SiloProcess.StartAsync(disk.Path))
        {
            acknowledged = await FillAsync(silo.Api);
            await silo.KillAsync();
        }

        // Nothing of the append that was answered by an error, as SQLite itself finds on a copy.
        Assert.Equal(acknowledged, CountStored(disk.Path));

        disk.Grow(LargeKibibytes);
        await using var again = await SiloProcess.StartAsync(disk.Path);
        await AssertHoldsAsync(again.Api, acknowledged);
        (await AppendAsync(again.Api, acknowledged + 1)).Is(HttpStatusCode.Created);
        await AssertHoldsAsync(again.Api, acknowledged + 1);
    }

    private static int CountStored(string dataPath)
    {
        using var copy = new TempFolder();
        foreach (var name in (string[])["granary.db", "granary.db-wal"])
            File.Copy(Path.Combine(dataPath, name), Path.Combine(copy.Path, name));
        using var connection = new SqliteConnection(
            $"Data Source={Path.Combine(copy.Path, "granary.db")};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT count(*) FROM event_log WHERE stream = 'full/1'";
        return (int)(long)command.ExecuteScalar()!;
    }

    /// <summary>Appends until the disk is full; how many were acknowledged.</summary>
    private static async Task<int> FillAsync(Api api)
    {
        for (var number = 1; number <= AppendsMax; number++)
        {
            var answer = await AppendAsync(api, number);
            if (answer.Status == HttpStatusCode.Created) continue;

            answer.IsProblem(HttpStatusCode.ServiceUnavailable);
            Assert.True(int.Parse(answer.Headers["Retry-After"], CultureInfo.InvariantCulture) > 0);
            return number - 1;
        }

        throw new InvalidOperationException("The disk is not as small as it should be.");
    }

    private static Task<Answer> AppendAsync(Api api, int number) =>
        api.PostAsync(
            "/api/streams/full/1", Events.One("filled", new JsonObject { ["n"] = number, ["text"] = Text }));

    private static async Task AssertHoldsAsync(Api api, int count)
    {
        var events = await api.PagesAsync("/api/streams/full/1/events", limit: 20);
        Assert.Equal(Enumerable.Range(1, count), events.Select(one => one["data"]!["n"]!.GetValue<int>()));
    }
}
