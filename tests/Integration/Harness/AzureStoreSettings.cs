namespace Granary.Tests.Integration;

/// <summary>The settings of a silo whose store is in the storage account of the tests.</summary>
internal static class AzureStoreSettings
{
    /// <summary>Those of a store of its own with so many partitions.</summary>
    public static string[] New(int partitions) =>
    [
        "--Granary:Store=azure", $"--Granary:Azure:ConnectionString={AzuriteServer.ConnectionString}",
        $"--Granary:Azure:Name=test{Uuid7.New(TimeProvider.System):n}", $"--Granary:PartitionCount={partitions}",
    ];
}
