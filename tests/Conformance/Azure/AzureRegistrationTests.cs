using Granary.Storage.AzureStorage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Granary.Tests.Conformance.Azure;

public sealed class AzureRegistrationTests
{
    private const string Account =
        "DefaultEndpointsProtocol=https;AccountName=orders;AccountKey=c2VjcmV0;EndpointSuffix=core.windows.net";

    [Fact]
    public async Task One_store_is_registered_as_everything_that_it_is()
    {
        var builder = new Builder();
        builder.UseAzureStorage(static options => options.ConnectionString = Account);
        await using var provider = builder.Services.BuildServiceProvider();

        var store = provider.GetRequiredService<AzureEventStore>();

        Assert.Equal(16, store.PartitionCount);
        Assert.Same(store, provider.GetRequiredService<IEventStore>());
        Assert.Same(store, provider.GetRequiredService<ILogTail>());
        Assert.Same(store, provider.GetRequiredService<IStreamCatalog>());
        Assert.IsType<AzureSnapshotStore>(provider.GetRequiredService<ISnapshotStore>());
        Assert.IsType<AzureCheckpointStore>(provider.GetRequiredService<ICheckpointStore>());
    }

    [Theory]
    [InlineData("", "granary", 16, "ConnectionString")]
    [InlineData(Account, "Granary", 16, "Name")]
    [InlineData(Account, "granary-events", 16, "Name")]
    [InlineData(Account, "granary", 0, "PartitionCount")]
    public async Task A_setting_that_cannot_be_is_refused_by_its_name(
        string account, string name, int partitions, string setting)
    {
        var builder = new Builder();
        builder.UseAzureStorage(options =>
            (options.ConnectionString, options.Name, options.PartitionCount) = (account, name, partitions));
        await using var provider = builder.Services.BuildServiceProvider();

        var fault = Assert.Throws<OptionsValidationException>(
            () => provider.GetRequiredService<AzureEventStore>());

        Assert.Contains(setting, fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("c2VjcmV0", fault.Message, StringComparison.Ordinal);
    }

    private sealed class Builder : IGranaryBuilder
    {
        public IServiceCollection Services { get; } = new ServiceCollection();
    }
}
