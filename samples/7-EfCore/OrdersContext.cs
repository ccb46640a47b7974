using System.Data.Common;
using Microsoft.EntityFrameworkCore;

namespace Granary.Samples.EfCore;

/// <summary>An order, as the shop's staff look for it.</summary>
public sealed class OrderRow
{
    /// <summary>The order's key.</summary>
    public required string Id { get; init; }

    /// <summary>Who placed it.</summary>
    public required string Customer { get; init; }

    /// <summary>For how much, in cents.</summary>
    public required long Cents { get; init; }

    /// <summary>Whether it was cancelled.</summary>
    public bool IsCancelled { get; set; }
}

/// <summary>The shop's own tables, beside Granary's in the database of the models.</summary>
public sealed class OrdersContext(DbContextOptions<OrdersContext> options) : DbContext(options)
{
    /// <summary>The orders.</summary>
    public DbSet<OrderRow> Orders => Set<OrderRow>();

    /// <summary>A context that writes in a transaction which is open already, and is committed by its owner.</summary>
    public static async Task<OrdersContext> JoinAsync(
        DbConnection connection, DbTransaction transaction, CancellationToken cancellationToken)
    {
        var context = new OrdersContext(
            new DbContextOptionsBuilder<OrdersContext>().UseSqlite(connection).Options);
        await context.Database.UseTransactionAsync(transaction, cancellationToken);
        return context;
    }

    /// <summary>A context of its own, to read with.</summary>
    public static OrdersContext Open(string path) => new(
        new DbContextOptionsBuilder<OrdersContext>().UseSqlite($"Data Source={path};Mode=ReadOnly").Options);

    /// <inheritdoc />
    protected override void OnModelCreating(ModelBuilder modelBuilder) =>
        modelBuilder.Entity<OrderRow>().ToTable("shop_orders").HasIndex(order => order.Customer);
}
