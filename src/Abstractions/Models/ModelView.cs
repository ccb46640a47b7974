namespace Granary;

/// <summary>A name that shows a table of models to those who read with SQL: a view on a database.</summary>
public sealed record ModelView
{
    /// <summary>Describes a view.</summary>
    /// <param name="name">Its name, as that of a table; no table has it.</param>
    /// <param name="table">The table that it shows.</param>
    /// <exception cref="ArgumentException">The name is not allowed.</exception>
    public ModelView(string name, ModelTable table)
    {
        ModelTable.CheckName(name, "view");
        (Name, Table) = (name, table);
    }

    /// <summary>The view's name.</summary>
    public string Name { get; }

    /// <summary>The table that it shows.</summary>
    public ModelTable Table { get; }
}
