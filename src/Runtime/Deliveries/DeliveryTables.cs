namespace Granary.Runtime;

/// <summary>Granary's own tables of durable subscriptions.</summary>
internal static class DeliveryTables
{
    /// <summary>The subscriptions; the key is the name.</summary>
    public static ModelTable Subscriptions { get; } = new("granary_subscriptions");

    /// <summary>The events that were handed out and that the checkpoint has not passed.</summary>
    public static ModelTable Deliveries { get; } = new(
        "granary_deliveries",
        new ModelColumn("reader", ModelColumnKind.Text),
        new ModelColumn("log_partition", ModelColumnKind.Integer));

    /// <summary>
    /// Whose row is created with a subscription, and which each commit of its worker writes anew; the key is that of
    /// its grain.
    /// </summary>
    public static ModelTable Owners { get; } = new("granary_subscription_owners");

    /// <summary>All rows of deliveries of a reader in a partition.</summary>
    public static async ValueTask<IReadOnlyList<ModelRow>> ReadDeliveriesAsync(
        this IModelStore models, string reader, LogPartition partition, CancellationToken cancellationToken)
    {
        IReadOnlyList<ModelCondition> conditions =
        [
            new(Deliveries.Columns[0], ModelComparison.Equal, reader),
            new(Deliveries.Columns[1], ModelComparison.Equal, (long)partition.Value),
        ];
        var rows = new List<ModelRow>();
        ModelCursor? after = null;
        do
        {
            var page = await models.QueryAsync(
                new ModelQuery(Deliveries)
                {
                    Conditions = conditions, After = after, Limit = GranaryLimits.PageSizeMax,
                },
                cancellationToken);
            rows.AddRange(page.Rows);
            after = page.Next;
        }
        while (after is not null);
        return rows;
    }
}
