namespace Granary;

/// <summary>For stores: the errors that every <see cref="IModelStore"/> has in common.</summary>
public static class ModelFaults
{
    /// <summary>Checks how many keys are read at once.</summary>
    /// <exception cref="LimitExceededException">They are more than <see cref="GranaryLimits.PageSizeMax"/>.</exception>
    public static void CheckKeys(IReadOnlyCollection<string> keys) => LimitExceededException.ThrowIfOver(
        GranaryLimits.PageSizeMax, keys.Count, "number of keys that are read at once", "Read them in parts.");

    /// <summary>A table is there with other columns.</summary>
    public static StoreSchemaException OtherColumns(ModelTable table) => new(
        $"The table '{table.Name}' of models is there with other columns. Give the new one another name, as a new "
        + "version of a projection has.");

    /// <summary>A table is not there.</summary>
    public static StoreSchemaException NoTable(string table) => new(
        $"There is no table '{table}' of models: it was not created, or was dropped since.");

    /// <summary>A table is to have the name of a view.</summary>
    public static StoreSchemaException NameOfView(string name) => new(
        $"'{name}' is a view of models, so no table can have that name. Choose another one.");

    /// <summary>A view is to have the name of a table.</summary>
    public static StoreSchemaException NameOfTable(string name) => new(
        $"'{name}' is a table of models, so no view can have that name. Choose another one.");
}
