using Microsoft.Extensions.Options;

namespace Granary.Tests.Unit.Hosting;

/// <summary>A setting that is out of its range stops the start, and the error names it.</summary>
public sealed class OptionsAtStartTests
{
    private static readonly Dictionary<string, Action<IGranaryBuilder>> Wrong = new()
    {
        ["JournalOptions.ConflictsMax"] = static granary => granary.ConfigureJournal(static o => o.ConflictsMax = 0),
        ["AppenderOptions.QueueLengthMax"] =
            static granary => granary.ConfigureAppender(static o => o.QueueLengthMax = 0),
        ["SnapshotOptions.EventsMax"] = static granary => granary.ConfigureSnapshots(static o => o.EventsMax = 0),
        ["TruthCheckOptions.KeysMax"] = static granary => granary.ConfigureTruthCheck(static o => o.KeysMax = 0),
    };

    public static TheoryData<string> Settings => new(Wrong.Keys);

    [Theory]
    [MemberData(nameof(Settings))]
    public async Task A_wrong_setting_stops_the_start_and_is_named(string setting)
    {
        var error = await TestSilo.FailToStartAsync<OptionsValidationException>(
            silo => Wrong[setting](silo.AddGranary().UseMemory()));

        Assert.Contains(setting[..setting.IndexOf('.')], error.Message, StringComparison.Ordinal);
        Assert.Contains(setting[(setting.IndexOf('.') + 1)..], error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_configuration_that_throws_stops_the_start()
    {
        var error = await TestSilo.FailToStartAsync<ArgumentException>(static silo => silo.AddGranary().UseMemory()
            .ConfigureEvents(static options => options.AddEventType<OptionsAtStartTests>("granary.mine")));

        Assert.Contains("granary.mine", error.Message, StringComparison.Ordinal);
    }
}
