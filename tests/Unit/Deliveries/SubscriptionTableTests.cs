using Granary.Runtime;
using Granary.Tests.Unit.Following;

namespace Granary.Tests.Unit.Deliveries;

/// <summary>The durable subscriptions as they are stored.</summary>
public sealed class SubscriptionTableTests
{
    [Fact]
    public async Task All_are_read_where_they_are_more_than_a_page()
    {
        var models = new LossyModels(new MemoryModelStore()) { PageMax = 2 };
        await models.CreateTableAsync(DeliveryTables.Subscriptions, FollowedLog.Token);
        var table = new SubscriptionTable(models);
        foreach (var name in new[] { "a", "b", "c" })
        {
            var claim = await SubscriptionClaim.ReadAsync(models, name, FollowedLog.Token);
            await claim.ReplaceAsync(SubscriptionDocument.Of(new SubscriptionSettings()), FollowedLog.Token);
        }

        Assert.Equal(["a", "b", "c"], (await table.ReadAsync(FollowedLog.Token)).Keys.Order());
    }
}
