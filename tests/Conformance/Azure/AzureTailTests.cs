using Granary.Storage.AzureStorage;

namespace Granary.Tests.Conformance.Azure;

/// <summary>Who waits looks at the ends of partitions, and rarely where nothing is found.</summary>
public sealed class AzureTailTests : AzureTest
{
    private const int Partitions = 3;

    [Fact]
    public async Task A_partition_in_which_nothing_is_found_is_looked_at_less_often()
    {
        var requests = new Requests();
        var store = await OpenAsync(requests);
        var look = new TailLook(store.Account, Partitions);
        var before = requests.All;

        // The first time, then after 1, 2, 4, 8 and 16 looks.
        for (var at = 0; at < 40; at++) await look.ReadEndsAsync();

        Assert.Equal(6 * Partitions, requests.All - before);
    }

    [Fact]
    public async Task A_partition_that_has_grown_or_is_waited_for_is_looked_at_next_time()
    {
        var store = await OpenAsync();
        var look = new TailLook(store.Account, Partitions);
        for (var at = 0; at < 40; at++) await look.ReadEndsAsync();
        await CommitAsync(store, Append(StreamsIn(store, new(1), 1)[0], ExpectedVersion.Any, "a", "b"));

        look.OnActive(new(1));
        Assert.Equal([new LogPosition(new(1), new(2))], await look.ReadEndsAsync());
        Assert.Equal([new LogPosition(new(1), new(2))], await look.ReadEndsAsync());
    }
}
