using System.Collections.Concurrent;
using System.Net;

namespace Granary.Tests.Integration;

/// <summary>A backup by the silo's own program, while another process serves the store.</summary>
public sealed class BackupTests : IDisposable
{
    private const int Writers = 4;

    private readonly TempFolder _data = new();
    private readonly TempFolder _restored = new();

    [Fact]
    public async Task A_silo_on_a_backup_has_all_that_was_acknowledged_before_it_began()
    {
        await using var silo = await SiloProcess.StartAsync(_data.Path);
        var acknowledged = new ConcurrentDictionary<int, int>();
        var goesOn = true;
        var writers = Enumerable.Range(0, Writers).Select(async writer =>
        {
            for (var version = 1; Volatile.Read(ref goesOn); version++)
            {
                (await silo.Api.PostAsync(PathOf(writer), Events.Numbered(1, version))).Is(HttpStatusCode.Created);
                acknowledged[writer] = version;
            }
        }).ToArray();
        while (acknowledged.Count < Writers || acknowledged.Values.Min() < 20)
            (await silo.Api.GetAsync("/health/ready")).Is(HttpStatusCode.OK);

        var before = acknowledged.ToDictionary();
        var copy = Path.Combine(_restored.Path, "granary.db");
        var (exitCode, output) = await SiloProcess.RunAsync($"--Granary:DataPath={_data.Path}", "--backup", copy);
        Assert.True(exitCode == 0, output);
        var whileItWasMade = acknowledged.ToDictionary();
        Volatile.Write(ref goesOn, false);
        await Task.WhenAll(writers);
        Assert.All(before, one => Assert.True(whileItWasMade[one.Key] > one.Value, "Nothing was posted meanwhile."));

        await using var other = await SiloProcess.StartAsync(_restored.Path);
        var total = 0;
        foreach (var (writer, version) in before)
        {
            var events = await other.Api.PagesAsync(PathOf(writer) + "/events");
            Assert.True(events.Count >= version, $"{events.Count} of {version} events of {writer} are there.");
            Assert.Equal(
                Enumerable.Range(1, events.Count), events.Select(static one => one["data"]!["n"]!.GetValue<int>()));
            total += events.Count;
        }

        Assert.Equal(total, (await other.Api.PagesAsync("/api/log")).Count);
        (await other.Api.PostAsync(PathOf(0), Events.Numbered(1))).Is(HttpStatusCode.Created);
    }

    [Fact]
    public async Task A_backup_overwrites_nothing_and_needs_a_store()
    {
        var copy = Path.Combine(_restored.Path, "copy.db");
        var (exitCode, output) = await SiloProcess.RunAsync($"--Granary:DataPath={_data.Path}", "--backup", copy);
        Assert.True(exitCode == 1, output);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(_restored.Path));
        Assert.Empty(Directory.GetFileSystemEntries(_data.Path));

        await using (await SiloProcess.StartAsync(_data.Path))
        {
        }

        await File.WriteAllTextAsync(copy, "mine", TestContext.Current.CancellationToken);
        (exitCode, output) = await SiloProcess.RunAsync($"--Granary:DataPath={_data.Path}", "--backup", copy);
        Assert.True(exitCode == 1, output);
        Assert.Contains(copy, output, StringComparison.Ordinal);
        Assert.Equal("mine", await File.ReadAllTextAsync(copy, TestContext.Current.CancellationToken));
    }

    public void Dispose()
    {
        _data.Dispose();
        _restored.Dispose();
    }

    private static string PathOf(int writer) => $"/api/streams/backed/{writer}";
}
