using System.Data.Common;
using Microsoft.EntityFrameworkCore;

namespace Granary.Samples.EfCore;

/// <summary>Writes a row for each order with EF Core, in the transaction in which the checkpoint commits.</summary>
[Projection("orders")]
public sealed class Orders : ISqlProjection
{
    private int _failures;

    /// <inheritdoc />
    public IEnumerable<string> Categories => ["order"];

    /// <inheritdoc />
    public IEnumerable<Type> Events => [typeof(IOrderEvent)];

    /// <inheritdoc />
    public async Task ApplyAsync(
        IReadOnlyList<SqlProjectionEvent> events, DbConnection connection, DbTransaction transaction,
        CancellationToken cancellationToken)
    {
        await using var db = await OrdersContext.JoinAsync(connection, transaction, cancellationToken);
        foreach (var (happened, recorded) in events)
        {
            // The row of an order is written by the partition alone that the order's stream is in.
            var id = recorded.Stream.Key;
            if (happened is Placed placed)
                db.Orders.Add(new OrderRow { Id = id, Customer = placed.Customer, Cents = (long)(placed.Total * 100) });
            else
                (await db.Orders.SingleAsync(order => order.Id == id, cancellationToken)).IsCancelled = true;
            await db.SaveChangesAsync(cancellationToken);
        }

        // To show what becomes of rows that are written, where the code throws afterwards.
        if (events.Any(static one => one.Event is Cancelled) && _failures++ == 0)
            throw new TimeoutException("The first try fails.");
    }

    /// <inheritdoc />
    public async Task ResetAsync(
        DbConnection connection, DbTransaction transaction, CancellationToken cancellationToken)
    {
        await using var db = await OrdersContext.JoinAsync(connection, transaction, cancellationToken);
        await db.Database.ExecuteSqlRawAsync("DROP TABLE IF EXISTS shop_orders", cancellationToken);
        await db.Database.ExecuteSqlRawAsync(db.Database.GenerateCreateScript(), cancellationToken);
    }
}
