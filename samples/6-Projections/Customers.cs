namespace Granary.Samples.Projections;

/// <summary>What a customer bought, at whichever till.</summary>
public sealed record Customer
{
    /// <summary>For how much.</summary>
    public decimal Spent { get; set; }

    /// <summary>How often.</summary>
    public int Purchases { get; set; }
}

/// <summary>Folds the sales of all tills into a model for each customer.</summary>
[Projection("customers")]
public sealed class Customers : Projection<Customer>
{
    /// <summary>Declares what is read, under which keys, and the columns by which customers are found.</summary>
    public Customers()
    {
        Categories("till");
        Key<Sold>(sold => sold.Customer);
        Column(customer => customer.Spent);
    }

    private static void Apply(Customer customer, Sold sold)
    {
        customer.Spent += sold.Amount;
        customer.Purchases++;
    }
}
