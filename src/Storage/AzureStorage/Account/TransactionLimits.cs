using Azure.Data.Tables;

namespace Granary.Storage.AzureStorage;

/// <summary>
/// The service's limits of a transaction, checked before it is sent: an emulator does not check all of them.
/// </summary>
internal static class TransactionLimits
{
    /// <summary>The rows of a transaction.</summary>
    public const int RowsMax = 100;

    /// <summary>What a transaction is as it is sent, in bytes.</summary>
    public const int SizeMax = 4 * 1024 * 1024;

    /// <summary>A row, in bytes.</summary>
    public const int RowSizeMax = 1024 * 1024;

    /// <summary>A property, in bytes.</summary>
    public const int PropertySizeMax = 64 * 1024;

    // The headers of a request, and what JSON has beside the values.
    private const int RowOverhead = 1024;
    private const int PropertyOverhead = 64;

    /// <exception cref="LimitExceededException">The service would not take it.</exception>
    public static void Check(IReadOnlyList<TableTransactionAction> actions)
    {
        const string remedy = "It is an error of Granary: report it.";
        LimitExceededException.ThrowIfOver(RowsMax, actions.Count, "number of rows in a transaction", remedy);
        long sent = 0;
        foreach (var action in actions)
        {
            long row = 0;
            sent += RowOverhead;
            foreach (var (name, value) in (TableEntity)action.Entity)
            {
                var size = SizeOf(value);
                LimitExceededException.ThrowIfOver(PropertySizeMax, size, "property of a row", remedy);
                row += 2 * name.Length + size;
                sent += PropertyOverhead + name.Length + (value is byte[] ? (size + 2) / 3 * 4 : 6 * size);
            }

            LimitExceededException.ThrowIfOver(RowSizeMax, row, "row", remedy);
        }

        LimitExceededException.ThrowIfOver(SizeMax, sent, "transaction", remedy);
    }

    // Texts are stored as UTF-16.
    private static int SizeOf(object? value) => value switch
    {
        byte[] bytes => bytes.Length,
        string text => 2 * text.Length,
        _ => 16,
    };
}
