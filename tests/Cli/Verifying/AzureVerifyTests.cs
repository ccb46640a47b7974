using Azure;
using Azure.Data.Tables;

namespace Granary.Tests.Cli;

/// <summary><c>granary verify</c> on a storage account whose rows another program has changed.</summary>
public sealed class AzureVerifyTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Whichever_row_is_changed_or_deleted_something_is_found(bool isDeleted)
    {
        Assert.SkipWhen(AzuriteServer.SkipReason is not null, AzuriteServer.SkipReason ?? "");
        await using var folder = new StoreFolder();
        var address = folder.New("azure");
        await using (var store = await StoreFolder.OpenAsync(address, partitions: 1))
            await new History(store, 1, streams: 3).WriteAsync(12, clears: false);
        using var before = await TestIo.RunAsync(0, "verify", address);
        Assert.Contains("nothing found", before.Output, StringComparison.Ordinal);

        var table = new TableClient(AzuriteServer.ConnectionString, address.Split("Table=")[1]);
        var rows = new List<TableEntity>();
        await foreach (var row in table.QueryAsync<TableEntity>(
            "PartitionKey eq 'log-00000'", cancellationToken: Token))
        {
            // Events by stream, and by commit.
            if (row.RowKey[0] is 'e' or 'f') rows.Add(row);
        }

        Assert.NotEmpty(rows);
        foreach (var row in rows)
        {
            if (isDeleted) await table.DeleteEntityAsync(row.PartitionKey, row.RowKey, ETag.All, Token);
            else await table.UpdateEntityAsync(Changed(row), ETag.All, TableUpdateMode.Replace, Token);

            using var io = await TestIo.RunAsync(ExitCodes.Found, "verify", address);

            Assert.NotEqual("", io.Output + io.Error);
            Assert.DoesNotContain("defect", io.Error, StringComparison.Ordinal);
            await table.UpsertEntityAsync(row, TableUpdateMode.Replace, Token);
        }

        using var after = await TestIo.RunAsync(0, "verify", address);
    }

    private static TableEntity Changed(TableEntity row)
    {
        var changed = new TableEntity(row);
        var data = (byte[])row.GetBinary("Data").Clone();
        data[data.Length / 2] ^= 1;
        changed["Data"] = data;
        return changed;
    }
}
